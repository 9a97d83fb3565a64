//! `topper token inspect`

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::ValueEnum;
use serde_json::{Value, json};
use topper_bootstrap::{Finding, Inspection, Inspector, Level, TokenKey};
use topper_core::{
    event,
    internal::{Escaped, Short},
};

use crate::{
    console::{self, BAD, Console, FAINT, GOOD, WARN},
    failure::{Failure, Verdict},
    file,
};

const EXAMPLES: &str = "\
Examples:
  topper token inspect @token.txt
  topper token inspect - --jwk my-key.pub.jwk < token.txt";

/// Print what a bootstrap token says, and each rule that it breaks
///
/// No private key is needed. With --jwk its signature is verified, too. The exit code is 1 if it
/// breaks a rule.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The token, or the widget's URL with it; `@FILE` reads a file, `-` standard input
    #[arg(value_name = "TOKEN")]
    token: String,
    /// The public key that Topper has of you (JWK, or PEM with a P-256 key)
    #[arg(long, value_name = "FILE")]
    jwk: Option<PathBuf>,
    /// The widget's flow; default: what the claims look like
    #[arg(long, value_name = "FLOW")]
    flow: Option<Flow>,
    /// Do not look at the token's age
    #[arg(long)]
    any_age: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Flow {
    /// Crypto is bought
    Onramp,
    /// Crypto is sold
    Offramp,
}

impl From<Flow> for event::Flow {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Onramp => Self::CryptoOnramp,
            Flow::Offramp => Self::CryptoOfframp,
        }
    }
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    let text = match args.token.strip_prefix('@') {
        Some(path) => file::read_text(Path::new(path))?,
        None if args.token == "-" => file::read_text(Path::new("-"))?,
        None => args.token.clone(),
    };
    let inspection = inspector(args)?.inspect(token(&text));
    console.object(&object(&inspection))?;
    print(&inspection, console)?;
    Ok(Verdict::of(inspection.is_fine()))
}

fn inspector(args: &Args) -> Result<Inspector, Failure> {
    let mut inspector = Inspector::new();
    if !args.any_age {
        inspector = inspector.now(SystemTime::now());
    }
    if let Some(flow) = args.flow {
        inspector = inspector.flow(flow.into());
    }
    if let Some(path) = &args.jwk {
        let key = TokenKey::parse(&file::read_text(path)?);
        inspector = inspector.key(key.map_err(|error| Failure::file(path, error))?);
    }
    Ok(inspector)
}

/// The token of a widget's URL; anything else as it is.
fn token(text: &str) -> &str {
    let text = text.trim();
    let query = text.split_once("?").map(|(_, query)| query);
    let value = query.and_then(|it| it.split('&').find_map(|pair| pair.strip_prefix("bt=")));
    value.unwrap_or(text)
}

fn object(inspection: &Inspection) -> Value {
    let claims = inspection.claims_json().and_then(|it| serde_json::from_str::<Value>(&it).ok());
    let findings: Vec<Value> = inspection
        .findings()
        .iter()
        .map(|finding| json!({"level": level(finding), "text": finding.to_string()}))
        .collect();
    json!({
        "id": inspection.id(),
        "widget_id": inspection.widget_id(),
        "key_id": inspection.key_id(),
        "algorithm": inspection.algorithm(),
        "issued_at": inspection.issued_at(),
        "flow": inspection.flow().map(|flow| flow.to_string()),
        "signature": inspection.is_signed(),
        "claims": claims,
        "findings": findings,
    })
}

fn level(finding: &Finding) -> &'static str {
    match finding.level() {
        Level::Refused => "refused",
        _ => "unsafe",
    }
}

fn print(inspection: &Inspection, console: &mut Console) -> Result<(), Failure> {
    let flow = inspection.flow().map(|flow| flow.to_string());
    let issued_at = inspection.issued_at().map(|seconds| {
        let time = SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds));
        let near = time.filter(|_| seconds < 10_000_000_000);
        near.map_or_else(
            || seconds.to_string(),
            |it| humantime::format_rfc3339_seconds(it).to_string(),
        )
    });
    for (name, value) in [
        ("id (jti)", inspection.id()),
        ("widget (sub)", inspection.widget_id()),
        ("key id (kid)", inspection.key_id()),
        ("algorithm", inspection.algorithm()),
        ("issued at", issued_at.as_deref()),
        ("flow", flow.as_deref()),
    ] {
        if let Some(value) = value {
            console.line(format_args!("{name:<13} {}", Short(value)))?;
        }
    }
    if let Some(claims) = inspection.claims_json() {
        for line in claims.lines() {
            console.line(format_args!("{FAINT}{}{FAINT:#}", Escaped(line)))?;
        }
    }
    // That it is not signed is among the findings.
    if inspection.is_signed() == Some(true) {
        console.line(format_args!("{GOOD}signed{GOOD:#}   by the key"))?;
    }
    for finding in inspection.findings() {
        let style = if level(finding) == "refused" { BAD } else { WARN };
        let mut lines = console::wrap(&finding.to_string(), console::width().saturating_sub(9));
        lines.reverse();
        let first = lines.pop().unwrap_or_default();
        console.line(format_args!("{style}{:<8}{style:#} {first}", level(finding)))?;
        while let Some(line) = lines.pop() {
            console.line(format_args!("         {line}"))?;
        }
    }
    if inspection.is_fine() {
        console.line(format_args!("{GOOD}good{GOOD:#}     it breaks no rule"))?;
    }
    Ok(())
}
