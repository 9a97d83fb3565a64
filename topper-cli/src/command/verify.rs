//! `topper verify`

use std::path::{Path, PathBuf};

use serde_json::json;
use topper_core::{
    Envelope, KeySet, SignatureError,
    internal::{Short, WithCauses},
};

use crate::{
    console::{self, BAD, Console, FAINT, GOOD},
    failure::{Failure, Verdict},
    file, keys,
};

mod body;
mod explain;
mod raw;
mod shape;
mod token;
mod variant;

use explain::{Endpoint, Finding};

const NOTHING_HELPS: &str = "\
Nothing that usually happens makes it hold: the body was changed, or it was signed with another key. \
Compare the public key with the one Topper shows for this very URL.";

const EXAMPLES: &str = "\
Example, with the vector of Topper's documentation in two files:
  topper verify --jwk topper.jwk --signature @token.txt body.json";

/// Check whether a signature matches, and if not, why
///
/// If it does not match, try the usual causes, offline, and name the one that explains it:
/// re-serialised JSON, changed line ends, a byte order mark, another base64 alphabet, a token that
/// contains its payload, or the key of another endpoint.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's public key, a JWK or a JWK Set; those after the first are of other endpoints
    ///
    /// Without it: the key of TOPPER_WEBHOOK_PUBLIC_KEY, or else the test key of `topper send`.
    #[arg(long, value_name = "FILE")]
    jwk: Vec<PathBuf>,
    /// The value of the header X-Topper-JWS-Signature; `@FILE` reads it from a file
    #[arg(long, value_name = "TOKEN")]
    signature: String,
    /// The file with the raw body; `-` is standard input
    #[arg(value_name = "BODY")]
    body: PathBuf,
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    shape::check(&args.signature)?;
    let token = match args.signature.strip_prefix('@') {
        Some(path) => file::read(Path::new(path))?,
        None => args.signature.clone().into_bytes(),
    };
    // A file of one line; the header has no line end.
    let token = token.strip_suffix(b"\n").unwrap_or(&token);
    let token = token.strip_suffix(b"\r").unwrap_or(token);
    let body = file::read(&args.body)?;
    let endpoints = endpoints(args)?;
    let Some(own) = endpoints.first() else { return Err(Failure::Input("no key".into())) };
    match own.keys.verify(token, &body) {
        Ok(key) => {
            let (id, algorithm) = (Short(key.id()), key.algorithm());
            console.line(format_args!("{GOOD}yes{GOOD:#}  signed by {id} ({algorithm})"))?;
            let event = Envelope::from_json(&body);
            if let Err(error) = &event {
                console
                    .line(format_args!("     {FAINT}the body is not an event: {error}{FAINT:#}"))?;
            }
            console.object(&json!({
                "verdict": "yes",
                "key": key.id(),
                "algorithm": algorithm,
                "event": event.is_ok(),
            }))?;
            Ok(Verdict::Yes)
        }
        Err(error) => {
            let finding = explain::explain(&endpoints, token, &body);
            refuse(&error, token, finding.as_ref(), console)?;
            Ok(Verdict::No)
        }
    }
}

fn endpoints(args: &Args) -> Result<Vec<Endpoint>, Failure> {
    let mut endpoints = Vec::new();
    for path in &args.jwk {
        let keys = keys::public(path)?;
        let name = path.display().to_string();
        endpoints.push(Endpoint { name, keys, json: file::read_text(path)? });
    }
    if endpoints.is_empty() {
        let environment = keys::of_environment()?.map(|(name, text)| (name.to_owned(), text));
        let test = || -> Result<_, Failure> {
            Ok(("the test key of `topper send`".to_owned(), keys::private(None)?.public_jwk()))
        };
        // The second explains what was signed with it by mistake.
        let given = match environment {
            Some(environment) => vec![environment, test()?],
            None => vec![test()?],
        };
        for (name, json) in given {
            let keys =
                KeySet::parse(&json).map_err(|error| Failure::Input(format!("{name}: {error}")))?;
            endpoints.push(Endpoint { name, keys, json });
        }
    }
    Ok(endpoints)
}

fn refuse(
    error: &SignatureError,
    token: &[u8],
    finding: Option<&Finding>,
    console: &mut Console,
) -> Result<(), Failure> {
    let reason = WithCauses(error).to_string();
    console.line(format_args!("{BAD}no{BAD:#}   {reason}"))?;
    let (holds, advice) = match finding {
        Some(finding) => (finding.changes.clone(), finding.advice.clone()),
        None => {
            let advice = shape::problem(token).unwrap_or_else(|| NOTHING_HELPS.to_owned());
            (Vec::new(), vec![advice])
        }
    };
    let width = console::width().saturating_sub(6);
    if !holds.is_empty() {
        let text = format!("It holds {}.", holds.join(" and "));
        for line in console::wrap(&text, width) {
            console.line(format_args!("     {line}"))?;
        }
    }
    for advice in &advice {
        for line in console::wrap(advice, width) {
            console.line(format_args!("     {FAINT}{line}{FAINT:#}"))?;
        }
    }
    console.object(&json!({
        "verdict": "no",
        "reason": reason,
        "holds": holds,
        "advice": advice,
    }))
}
