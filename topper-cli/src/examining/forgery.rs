//! What an endpoint must refuse with a status that is not retried.

use topper_core::{EventName, Fate};
use topper_testkit::{Batch, EventBuilder, Fault, FaultKind, Received, UnreachableKind};

use super::{
    Patient, Report, advice,
    finding::{Finding, Grade, told},
    is_delivered,
};
use crate::{delivering, failure::Failure};

/// How many forgeries are sent at the same time.
const PARALLEL: usize = 8;

pub(super) fn check(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Unsigned => "refuses what is not signed",
        FaultKind::ChangedBody => "refuses a changed body",
        FaultKind::RewrittenBody => "refuses a body that was serialised again",
        FaultKind::OtherKey => "refuses other keys",
        FaultKind::Hmac => "refuses HMAC with the public key",
        FaultKind::BrokenSignature => "refuses broken signatures",
        FaultKind::OddToken => "refuses tokens unlike Topper's",
    }
}

pub(super) async fn all(patient: &Patient, report: &mut Report<'_>) -> Result<(), Failure> {
    for &kind in FaultKind::ALL {
        report.trying(check(kind));
        let finding = examine(patient, kind).await;
        report.add(&finding)?;
    }
    Ok(())
}

async fn examine(patient: &Patient, kind: FaultKind) -> Finding {
    let faults: Vec<Fault> = Fault::all().filter(|fault| fault.kind() == kind).collect();
    let mut results = Vec::new();
    for some in faults.chunks(PARALLEL) {
        let forgeries = some.iter().map(|fault| {
            let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
            fault.forge(&patient.key, &body)
        });
        let sent = patient.sender.send_all(Batch::new(forgeries).parallel(PARALLEL)).await;
        let received = sent.into_iter().filter_map(|mut it| Some(it.attempts.pop()?.received));
        results.extend(some.iter().map(Fault::name).zip(received));
        // Where one times out, each does.
        if results.iter().any(|(_, received)| matches!(received, Received::Timeout)) {
            break;
        }
    }
    judge(kind, &results)
}

fn judge(kind: FaultKind, results: &[(&str, Received)]) -> Finding {
    let select = |wanted: fn(&Received) -> bool| {
        results.iter().filter(move |(_, received)| wanted(received)).collect::<Vec<_>>()
    };
    let names = |some: &[&(&str, Received)]| {
        let names: Vec<&str> = some.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    };
    let accepted = select(is_delivered);
    if let Some((_, first)) = accepted.first() {
        let grade = if kind == FaultKind::OddToken { Grade::Warning } else { Grade::Failed };
        return Finding::new(grade, check(kind))
            .sent(names(&accepted))
            .came_back(format!("{} of {} accepted: {}", accepted.len(), results.len(), told(first)))
            .advice(advice::on_forgery(kind));
    }
    let retried = select(|it| it.fate() == Fate::Retried && !is_cut_off(it));
    if let Some((_, first)) = retried.first() {
        let finding = Finding::new(Grade::Failed, check(kind))
            .sent(names(&retried))
            .came_back(format!("{} of {}: {}", retried.len(), results.len(), told(first)))
            .cause(delivering::cause(first));
        if matches!(first, Received::Unreachable(_)) {
            return finding.advice(advice::on_refusal(first));
        }
        return finding.advice(advice::on_retried_forgery());
    }
    let mut answers: Vec<String> = results
        .iter()
        .map(|(_, it)| it.status().map_or_else(|| delivering::answer(it), |it| it.to_string()))
        .collect();
    answers.sort_unstable();
    answers.dedup();
    let sent: Vec<&str> = results.iter().map(|(name, _)| *name).collect();
    Finding::new(Grade::Passed, check(kind)).sent(sent.join(", ")).came_back(format!(
        "{} of {}: {}",
        results.len(),
        results.len(),
        answers.join(", ")
    ))
}

/// A server that closes the connection on an invalid header refuses the forgery. A header that
/// cannot be sent does no harm.
fn is_cut_off(received: &Received) -> bool {
    matches!(received, Received::Unreachable(error) if matches!(
        error.kind(),
        UnreachableKind::Closed | UnreachableKind::CutShort | UnreachableKind::InvalidHeader
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_every_fault_by_what_it_would_let_in() {
        let count = |&kind| Fault::all().filter(|fault| fault.kind() == kind).count();
        let counts: Vec<usize> = FaultKind::ALL.iter().map(count).collect();
        assert_eq!(counts, [6, 5, 4, 6, 17, 12, Fault::all().count() - 50]);
    }
}
