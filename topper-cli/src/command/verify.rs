//! `topper verify`

use std::path::{Path, PathBuf};

use serde_json::json;
use topper_core::{
    Envelope, KeySet, SignatureError,
    internal::{Short, WithCauses},
};

use crate::{
    console::{self, BAD, Console, FAINT, GOOD},
    explaining::{self, Endpoint, Explanation, shape},
    failure::{Failure, Verdict},
    file, keys,
};

const EXAMPLES: &str = "\
Example:
  topper verify --jwk topper.jwk --signature @token.txt body.json";

/// Check whether a signature matches, and if not, why
///
/// If it does not match, try the usual causes, offline, and name the one that explains it:
/// re-serialised JSON, changed line ends, a byte order mark, another base64 alphabet, a token that
/// contains its payload, or the key of another endpoint.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's public key (JWK, JWK Set or PEM); repeat it for the keys of other endpoints
    ///
    /// The keys of other endpoints only explain why the first does not match. Default: the key in
    /// TOPPER_WEBHOOK_PUBLIC_KEY, or the test key of `topper send` if it is not set.
    #[arg(long, value_name = "FILE")]
    jwk: Vec<PathBuf>,
    /// The value of the header X-Topper-JWS-Signature, or `@FILE` to read it from a file
    #[arg(long, value_name = "TOKEN")]
    signature: String,
    /// The file with the raw body; `-` reads standard input
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
    let Some(own) = endpoints.first() else {
        return Err(Failure::Input("no public key is configured".into()));
    };
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
            let explanation = explaining::explain(&endpoints, token, &body, &error);
            refuse(&error, &explanation, console)?;
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
    explanation: &Explanation,
    console: &mut Console,
) -> Result<(), Failure> {
    let Explanation { holds, advice } = explanation;
    let reason = WithCauses(error).to_string();
    console.line(format_args!("{BAD}no{BAD:#}   {reason}"))?;
    let width = console::width().saturating_sub(6);
    if !holds.is_empty() {
        let text = format!("The signature matches {}.", holds.join(" and "));
        for line in console::wrap(&text, width) {
            console.line(format_args!("     {line}"))?;
        }
    }
    for advice in advice {
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
