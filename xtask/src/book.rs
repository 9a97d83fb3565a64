//! The documentation as a site: `docs/`, built by mdBook into `target/book`.

use std::error::Error;

use crate::{tool, workspace::run};

/// Builds the site.
pub(crate) fn build() -> Result<(), Box<dyn Error>> {
    run(tool::mdbook()?.args(["build", "docs"]))?;
    println!("open target/book/index.html");
    Ok(())
}
