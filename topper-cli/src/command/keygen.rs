//! `topper keygen`

use std::path::PathBuf;

use serde_json::json;
use topper_testkit::TestKey;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    file::Existing,
    keys,
};

const EXAMPLES: &str = "\
Examples:
  topper keygen my-key.jwk > my-key.pub.jwk
  export TOPPER_WEBHOOK_PUBLIC_KEY=\"$(topper keygen --public)\"";

/// Make a pair of keys for tests
///
/// An ES256 pair: the private key goes into a file, the public one is printed.
///
/// The file gets mode 0600 and holds a JWK. What is printed is the public JWK, as Topper shows it
/// for a webhook's URL.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where to write the private key; with --public, whose public key to print
    ///
    /// With --public and without a file: the test key that `send`, `listen`, `replay` and `doctor`
    /// share, made if need be.
    #[arg(value_name = "FILE", required_unless_present = "public")]
    file: Option<PathBuf>,
    /// Make no key, and print the public part of one
    #[arg(long)]
    public: bool,
    /// Overwrite an existing file
    #[arg(long, conflicts_with = "public")]
    force: bool,
    /// Print the private key instead of the public one
    #[arg(long, conflicts_with = "public")]
    print_private: bool,
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => keys::shared_path()?,
    };
    let key = if args.public {
        keys::private(args.file.as_deref())?
    } else {
        let key = TestKey::generate();
        let existing = if args.force { Existing::Replace } else { Existing::Keep };
        keys::create(&path, &key, existing).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure::file(&path, "exists already; use --force to overwrite it")
            }
            _ => Failure::file(&path, error),
        })?;
        console.note(format_args!("private key: {} (mode 0600)", path.display()));
        key
    };
    let shown = if args.print_private { key.private_jwk() } else { key.public_jwk() };
    console.line(&shown)?;
    if console.json {
        let jwk: serde_json::Value = serde_json::from_str(&shown).unwrap_or_default();
        let member = if args.print_private { "private_jwk" } else { "public_jwk" };
        console.object(&json!({"file": path.display().to_string(), member: jwk}))?;
    }
    Ok(Verdict::Yes)
}
