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

/// Create a key pair for tests
///
/// Write the private key to a file that only you can read (mode 0600), and print the public key.
/// Both are JWKs for ES256. The public one has the form in which Topper shows the key of a webhook.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file to write the private key to; with --public, the file to read it from
    ///
    /// With --public, the default is the test key that `send`, `listen`, `verify` and `doctor` share.
    /// It is created when it is first needed.
    #[arg(value_name = "FILE", required_unless_present = "public")]
    file: Option<PathBuf>,
    /// Print the public key of an existing private key; create nothing
    #[arg(long)]
    public: bool,
    /// Overwrite an existing file
    #[arg(long, conflicts_with = "public")]
    force: bool,
    /// Print the new private key instead of the public one
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
                Failure::file(&path, "already exists; use --force to overwrite it")
            }
            _ => Failure::file(&path, error),
        })?;
        console.note(format_args!("private key written to {} (mode 0600)", path.display()));
        key
    };
    let shown = if args.print_private { key.private_jwk() } else { key.public_jwk() };
    console.line(&shown)?;
    if console.json {
        let jwk: serde_json::Value = serde_json::from_str(&shown).unwrap_or_default();
        let field = if args.print_private { "private_jwk" } else { "public_jwk" };
        console.object(&json!({"file": path.display().to_string(), field: jwk}))?;
    }
    Ok(Verdict::Yes)
}
