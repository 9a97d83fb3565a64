//! `topper vectors`

use std::path::PathBuf;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};
use topper_core::{KeySet, internal::Short};

use crate::{
    console::{BAD, Console, FAINT},
    failure::{Failure, Verdict},
    file,
};

const EXAMPLES: &str = "\
Example:
  topper vectors signatures.jsonl

Each line is a JSON object with `key_jwk` (a JWK or a JWK Set), `body_b64`, `jws`, `alg`, `expect` \
(`accept` or `reject`) and `debatable` (the reason, or null). A debatable vector passes with either \
result. A vector with an unsupported `alg` passes if its key is refused.";

/// Check signature test vectors and print those whose result differs
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with one vector on each line; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What can be configured.
const OFFERED: [&str; 8] = ["ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

#[derive(Deserialize)]
struct Vector {
    id: Option<String>,
    key_jwk: Value,
    body_b64: String,
    jws: String,
    alg: String,
    expect: Expect,
    debatable: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Accept,
    Reject,
}

/// What came of a vector.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    Rejected,
    KeyRefused,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::KeyRefused => "key refused",
        }
    }
}

#[derive(Default)]
struct Counts {
    as_expected: usize,
    debatable: usize,
    not_offered: usize,
    different: usize,
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    let text = file::read_text(&args.file)?;
    let mut counts = Counts::default();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let failure = |problem: String| {
            Failure::file(&args.file, format_args!("line {}: {problem}", index + 1))
        };
        let vector: Vector = serde_json::from_str(line)
            .map_err(|error| failure(format!("not a vector: {error}")))?;
        let outcome = try_out(&vector).map_err(|problem| failure(problem.to_owned()))?;
        if vector.debatable.is_some() {
            counts.debatable += 1;
        } else if !OFFERED.contains(&vector.alg.as_str()) && outcome == Outcome::KeyRefused {
            counts.not_offered += 1;
        } else if (vector.expect == Expect::Accept) == (outcome == Outcome::Accepted) {
            counts.as_expected += 1;
        } else {
            counts.different += 1;
            show(index + 1, &vector, outcome, console)?;
        }
    }
    sum(&counts, console)?;
    if counts.as_expected + counts.debatable + counts.not_offered + counts.different == 0 {
        return Err(Failure::file(&args.file, "has no vectors"));
    }
    Ok(Verdict::of(counts.different == 0))
}

fn try_out(vector: &Vector) -> Result<Outcome, &'static str> {
    let body = decode(&vector.body_b64).ok_or("`body_b64` is not valid base64")?;
    let key = match &vector.key_jwk {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    Ok(match KeySet::parse(&key) {
        Err(_) => Outcome::KeyRefused,
        Ok(keys) if keys.verify(vector.jws.as_bytes(), &body).is_ok() => Outcome::Accepted,
        Ok(_) => Outcome::Rejected,
    })
}

/// Either alphabet, with padding or without.
fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn show(
    line: usize,
    vector: &Vector,
    outcome: Outcome,
    console: &mut Console,
) -> Result<(), Failure> {
    let expected = match vector.expect {
        Expect::Accept => "accept",
        Expect::Reject => "reject",
    };
    let word = outcome.word();
    let name = vector.id.clone().unwrap_or_default();
    console.line(format_args!(
        "{BAD}differs{BAD:#} {FAINT}line {line}{FAINT:#} {} {}: {word}, expected: {expected}",
        Short(&name),
        Short(&vector.alg),
    ))?;
    console.object(&json!({
        "line": line,
        "id": vector.id,
        "alg": vector.alg,
        "outcome": word.replace(' ', "_"),
        "expect": expected,
    }))
}

fn sum(counts: &Counts, console: &mut Console) -> Result<(), Failure> {
    let Counts { as_expected, debatable, not_offered, different } = counts;
    console.line(format_args!(
        "{as_expected} as expected, {debatable} debatable, {not_offered} with an unsupported \
         algorithm, {different} different"
    ))?;
    console.object(&json!({
        "as_expected": as_expected,
        "debatable": debatable,
        "not_offered": not_offered,
        "different": different,
    }))
}
