//! An endpoint on this machine, tested from the page.

use serde::Deserialize;
use serde_json::json;

use super::{
    Inspector,
    lines::{self, Lines},
    response::{Refusal, Result},
    target,
};
use crate::{
    examining::{self, Finding, Patient, Sink},
    failure::Failure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    url: String,
}

/// A line for each check and for each finding: a few dozen, each with a few KiB at most.
struct Page(Lines);

impl Sink for Page {
    fn trying(&mut self, what: &str) {
        self.0.add(&json!({"trying": what}));
    }

    fn add(&mut self, finding: &Finding) -> std::result::Result<(), Failure> {
        self.0.add(&json!({"finding": finding.object()}));
        Ok(())
    }
}

pub(super) async fn examine(inspector: &Inspector, wanted: Wanted) -> Result {
    let place = inspector.limits.doctor()?;
    let endpoint = target::local(inspector, &wanted.url).await?;
    let address = endpoint.addresses.first().copied();
    let address = address.ok_or_else(|| Refusal::bad("the host has no address"))?;
    let patient = Patient::new(endpoint.sender, inspector.key.clone(), &endpoint.uri, address);
    Ok(lines::answer(inspector, place, |lines| async move {
        let mut page = Page(lines.clone());
        lines.add(&match examining::examine(patient, &mut page).await {
            Ok(counts) => json!({"done": counts.object()}),
            Err(failure) => json!({"error": failure.to_string()}),
        });
    }))
}
