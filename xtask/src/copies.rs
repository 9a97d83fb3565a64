//! Files that a package needs a copy of: it holds nothing from outside its folder, and not every clone
//! has symbolic links.

use std::{collections::BTreeMap, error::Error, fs};

use crate::workspace::{LICENCES, published, root};

/// The schemas that `topper_core::schema` includes.
const SCHEMAS: (&str, &str) = ("docs/schemas/", "topper-core/schemas/");
/// Those of bootstrap tokens, which are not events.
const NOT_EVENTS: &str = "bootstrap.";

/// Adds the copies of generated files, and of files that are written by hand.
pub(crate) fn add(files: &mut BTreeMap<String, String>) -> Result<(), Box<dyn Error>> {
    let mut copies = BTreeMap::new();
    for (path, text) in &*files {
        if let Some(name) = path.strip_prefix(SCHEMAS.0).filter(|it| !it.starts_with(NOT_EVENTS)) {
            // Programs contain it, so it is without white space.
            let compact: serde_json::Value = serde_json::from_str(text)?;
            copies.insert(format!("{}{name}", SCHEMAS.1), format!("{compact}\n"));
        }
    }
    for package in published()? {
        for licence in LICENCES {
            let text = fs::read_to_string(root().join(licence))?;
            copies.insert(format!("{}/{licence}", package.folder), text);
        }
    }
    files.append(&mut copies);
    Ok(())
}
