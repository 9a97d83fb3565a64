//! What an endpoint must refuse, for good.

use topper_core::{EventName, Fate};
use topper_testkit::{Batch, EventBuilder, Fault, Received};

use super::{
    Patient, Report, is_delivered,
    report::{Finding, Grade, told},
};
use crate::failure::Failure;

/// So many forgeries at once.
const PARALLEL: usize = 8;

/// Kinds of forgery, by what gets in where they are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unsigned,
    ChangedBody,
    RewrittenBody,
    OtherKey,
    Hmac,
    BrokenSignature,
    /// Signed by the right key over the right body, but not as Topper does.
    OddToken,
}

const KINDS: [Kind; 7] = [
    Kind::Unsigned,
    Kind::ChangedBody,
    Kind::RewrittenBody,
    Kind::OtherKey,
    Kind::Hmac,
    Kind::BrokenSignature,
    Kind::OddToken,
];

impl Kind {
    fn of(fault: &str) -> Self {
        match fault {
            "missing_header"
            | "header_of_another_name"
            | "empty_token"
            | "header_alone"
            | "signature_alone"
            | "alg_none_without_signature" => Self::Unsigned,
            "flipped_body_bit"
            | "flipped_last_body_bit"
            | "truncated_body"
            | "empty_body"
            | "body_twice" => Self::ChangedBody,
            "reserialized_body" | "body_with_bom" | "body_with_newline" | "body_with_crlf" => {
                Self::RewrittenBody
            }
            "wrong_key"
            | "right_kid_with_wrong_key"
            | "embedded_jwk"
            | "embedded_jku"
            | "embedded_x5u"
            | "embedded_x5c" => Self::OtherKey,
            "flipped_signature_bit"
            | "flipped_header_bit"
            | "reserialized_header"
            | "zero_r_and_s"
            | "zero_r"
            | "zero_s"
            | "one_r_and_s"
            | "order_as_r"
            | "order_as_s"
            | "largest_r_and_s"
            | "swapped_r_and_s"
            | "signature_of_63_bytes" => Self::BrokenSignature,
            _ if fault.starts_with("hs") || fault.starts_with("hmac") => Self::Hmac,
            _ => Self::OddToken,
        }
    }

    fn check(self) -> &'static str {
        match self {
            Self::Unsigned => "refuses what is not signed",
            Self::ChangedBody => "refuses a changed body",
            Self::RewrittenBody => "refuses a body written anew",
            Self::OtherKey => "refuses other keys",
            Self::Hmac => "refuses HMAC with the public key",
            Self::BrokenSignature => "refuses broken signatures",
            Self::OddToken => "refuses tokens not as Topper's",
        }
    }

    /// What is wrong where one is accepted.
    fn advice(self) -> &'static str {
        match self {
            Self::Unsigned => {
                "Anyone can send events to this endpoint. Require the header, and \
                               never verify with the algorithm that the token names."
            }
            Self::ChangedBody => {
                "The signature is not checked against the body: anyone who has \
                                  seen one delivery can send any event."
            }
            Self::RewrittenBody => {
                "Other bytes than those that were signed are accepted: the body \
                                    is parsed and written anew before it is verified. Verify the \
                                    raw bytes; the next event that is written another way is lost."
            }
            Self::OtherKey => {
                "Never take a key from the token (`jwk`, `jku`, `x5u`, `x5c`, \
                               `kid`): the key is the one configured."
            }
            Self::Hmac => {
                "The public key is taken for a secret, so anyone can sign. Fix the \
                           algorithm: ES256, whatever the token names."
            }
            Self::BrokenSignature => "The signature is not checked.",
            Self::OddToken => {
                "No forgery gets in by these: they are signed by the right key. Yet \
                               Topper sends no such tokens, and what a verifier takes leniently \
                               today is tomorrow's hole. Take `header..signature` in URL-safe \
                               base64 only, and refuse `crit`, `b64` and another `alg`."
            }
        }
    }
}

pub(super) async fn all(patient: &Patient, report: &mut Report<'_>) -> Result<(), Failure> {
    for kind in KINDS {
        report.trying(kind.check());
        let finding = examine(patient, kind).await;
        report.add(&finding)?;
    }
    Ok(())
}

async fn examine(patient: &Patient, kind: Kind) -> Finding {
    let faults: Vec<Fault> = Fault::all().filter(|fault| Kind::of(fault.name()) == kind).collect();
    let mut results = Vec::new();
    for some in faults.chunks(PARALLEL) {
        let forgeries = some.iter().map(|fault| {
            let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
            fault.forge(&patient.key, &body)
        });
        let sent = patient.sender.send_all(Batch::new(forgeries).parallel(PARALLEL)).await;
        let received = sent.into_iter().filter_map(|mut it| Some(it.attempts.pop()?.received));
        results.extend(some.iter().map(Fault::name).zip(received));
        // Where one takes 4 s, each does.
        if results.iter().any(|(_, received)| matches!(received, Received::Timeout)) {
            break;
        }
    }
    judge(kind, &results)
}

fn judge(kind: Kind, results: &[(&str, Received)]) -> Finding {
    let select = |wanted: fn(&Received) -> bool| {
        results.iter().filter(move |(_, received)| wanted(received)).collect::<Vec<_>>()
    };
    let names = |some: &[&(&str, Received)]| {
        let names: Vec<&str> = some.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    };
    let accepted = select(is_delivered);
    if let Some((_, first)) = accepted.first() {
        let grade = if kind == Kind::OddToken { Grade::Warning } else { Grade::Failed };
        return Finding::new(grade, kind.check())
            .sent(names(&accepted))
            .came_back(format!("{} of {} accepted: {}", accepted.len(), results.len(), told(first)))
            .advice(kind.advice());
    }
    // A connection that the server closes on an impossible header is a refusal.
    let retried =
        select(|it| it.fate() == Fate::Retried && !matches!(it, Received::Unreachable(_)));
    if let Some((_, first)) = retried.first() {
        return Finding::new(Grade::Failed, kind.check())
            .sent(names(&retried))
            .came_back(format!("{} of {}: {}", retried.len(), results.len(), told(first)))
            .advice(
                "Refuse it for good, with 401. A status that is tried again makes ten requests of \
                 each mistake, and a 5XX tells of an error that is not caught.",
            );
    }
    let mut statuses: Vec<u16> = results.iter().filter_map(|(_, it)| it.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    let sent: Vec<&str> = results.iter().map(|(name, _)| *name).collect();
    Finding::new(Grade::Passed, kind.check()).sent(sent.join(", ")).came_back(format!(
        "{} of {}: {}",
        results.len(),
        results.len(),
        statuses.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_every_fault_by_what_it_would_let_in() {
        let count = |kind| Fault::all().filter(|fault| Kind::of(fault.name()) == kind).count();
        assert_eq!(KINDS.map(count), [6, 5, 4, 6, 17, 12, Fault::all().count() - 50]);
        // What a lenient verifier may take: the key and the body are right.
        for fault in Fault::all().filter(|fault| Kind::of(fault.name()) == Kind::OddToken) {
            let key = topper_testkit::TestKey::generate();
            let body = EventBuilder::new(EventName::UserCreated).to_json();
            assert_eq!(fault.forge(&key, &body).body, body, "{fault}");
        }
    }
}
