//! `topper doctor`

use std::path::PathBuf;

use hyper::Uri;
use tokio::time::timeout;
use topper_core::protocol;
use topper_testkit::UnreachableKind;

use crate::{
    console::Console,
    delivering,
    examining::{self, Counts, Finding, Patient, Sink},
    failure::{Failure, Verdict},
    interrupt, keys,
};

const EXAMPLES: &str = "\
Example, with your own receiver on port 3000:
  topper keygen doctor.jwk > doctor.pub.jwk
  TOPPER_WEBHOOK_PUBLIC_KEY=\"$(cat doctor.pub.jwk)\" ./my-receiver &
  topper doctor http://127.0.0.1:3000/webhooks/topper --key doctor.jwk

This sends about 200 requests within a few seconds, and your handler gets the events: use a test \
receiver with a test database.";

/// Test an endpoint that receives webhooks, in any language
///
/// Send signed events and forgeries, and check the replies: each event must be accepted, each
/// forgery refused with a status that is not retried, and a repeated event recognised. Configure
/// the endpoint with the public key that belongs to --key. Exit with 1 if any check fails.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The URL of the endpoint
    #[arg(value_name = "URL")]
    url: String,
    /// Sign with the private key in this file, a JWK as `topper keygen` writes it
    ///
    /// Default: the shared test key. `topper keygen --public` prints its public key.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A URL that returns, as a number, how often the endpoint has processed the event `{id}`
    ///
    /// It is read with GET. Without it, only the replies show whether an event is processed once.
    #[arg(long, value_name = "URL")]
    runs_url: Option<String>,
    /// Allow an endpoint that is not on this machine
    #[arg(long)]
    yes_this_is_my_endpoint: bool,
    /// Exit with 1 on warnings ("look"), too
    #[arg(long)]
    strict: bool,
    /// Trust this certificate authority (PEM) too, in addition to the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Sink for Console {
    fn trying(&mut self, what: &str) {
        self.progress(format_args!("testing: {what}"));
    }

    fn add(&mut self, finding: &Finding) -> Result<(), Failure> {
        finding.show(self)
    }
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let ended = interrupt::watch();
    let counts = match patient(&args).await? {
        Ok(patient) => tokio::select! {
            counts = examining::examine(patient, console) => counts?,
            () = ended => {
                console.note("interrupted");
                return Ok(Verdict::Interrupted);
            }
        },
        Err(kind) => examining::unresolved(kind, console)?,
    };
    let Counts { passed, warnings, failures, skipped } = counts;
    console.line(format_args!(
        "\n{passed} passed, {warnings} to look at, {failures} failed, {skipped} not tested"
    ))?;
    console.object(&counts.object())?;
    Ok(Verdict::of(failures == 0 && !(args.strict && warnings > 0)))
}

/// The endpoint, or why its host name has no address.
async fn patient(args: &Args) -> Result<Result<Patient, UnreachableKind>, Failure> {
    let failure =
        |problem: &str| Failure::Input(format!("{}: {problem}", delivering::shown(&args.url)));
    let key = keys::private(args.key.as_deref())?;
    let sender = delivering::sender(&args.url, args.ca.as_ref())?.retries(0);
    let uri: Uri = args.url.parse().map_err(|_| failure("not a URL"))?;
    let addresses = match timeout(protocol::TIMEOUT, examining::resolve(&uri)).await {
        Ok(addresses) => addresses.unwrap_or_default(),
        Err(_) => return Ok(Err(UnreachableKind::LookupTimeout)),
    };
    let Some(&address) = addresses.first() else { return Ok(Err(UnreachableKind::HostNotFound)) };
    if !examining::are_local(&addresses) && !args.yes_this_is_my_endpoint {
        return Err(failure(
            "this endpoint is not on this machine, and would get forgeries and events that look \
             real; if it is your own, add --yes-this-is-my-endpoint",
        ));
    }
    let patient = Patient::new(sender, key, &uri, address);
    Ok(Ok(patient.with_runs_url(args.runs_url.clone())))
}
