//! The deliveries that the page can show: the newest, as many as there is room for.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde_json::Value;
use topper_core::{Envelope, Fate, Reply, Webhook, event::OrderChange, internal::WithCauses};
use topper_testkit::{Delivery, Received};

use crate::{decoding, judging::Judged};

/// The most deliveries that are kept.
pub(super) const MOST: usize = 10_000;
/// The most bytes of all that are kept.
pub(super) const MOST_BYTES: usize = 256 * 1024 * 1024;
/// The most characters of a name or an id in the list; those of Topper are much shorter.
const MOST_CHARS: usize = 200;
/// The most bytes of a body without a valid signature that are read as JSON.
const MOST_READ: usize = 256 * 1024;
/// The most bytes of an answer's body.
pub(super) const MOST_ANSWER: usize = 4096;

/// A delivery, and what is known about it.
#[derive(Clone)]
pub(crate) struct Kept {
    /// When it was received, in RFC 3339.
    pub(crate) at: String,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) delivery: Delivery,
    pub(super) facts: Facts,
    pub(super) answered: Option<Answered>,
    /// The number of the delivery that the page has sent again as this one.
    pub(super) replay_of: Option<u64>,
    /// Its state in the inbox that it comes from.
    pub(super) stored: Option<Value>,
}

/// What verification says, without the event itself.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) is_valid: bool,
    pub(super) reply: Reply,
    /// As the body says, also if the signature does not match.
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) order_id: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) key: Option<String>,
    pub(super) change: Option<OrderChange>,
    /// Why the event has no type.
    pub(super) problem: Option<String>,
    /// Why the delivery is refused.
    pub(super) reason: Option<String>,
}

/// Who decided about the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnsweredBy {
    Listener,
    /// `--answer`, or the page.
    Setting,
    Endpoint,
}

/// The answer to a delivery.
#[derive(Clone)]
pub(crate) struct Answered {
    /// None if there was no answer in time.
    pub(crate) status: Option<u16>,
    pub(crate) by: AnsweredBy,
    pub(crate) elapsed: Duration,
    /// What the endpoint answered.
    pub(crate) received: Option<Received>,
}

impl Kept {
    pub(crate) fn new(at: String, path: String, delivery: Delivery, judged: &Judged) -> Self {
        let facts = Facts::of(judged, &delivery.body);
        Self { at, path, delivery, facts, answered: None, replay_of: None, stored: None }
    }

    pub(crate) fn answered(mut self, mut answered: Answered) -> Self {
        if let Some(Received::Answer(answer)) = &mut answered.received {
            cut(&mut answer.body, MOST_ANSWER);
            cut(&mut answer.content_type, MOST_CHARS);
        }
        self.answered = Some(answered);
        self
    }

    /// What Topper does after the answer.
    pub(super) fn fate(&self) -> Option<Fate> {
        let answered = self.answered.as_ref()?;
        Some(answered.status.map_or(Fate::Retried, Fate::of))
    }

    /// About as many bytes as it takes.
    fn size(&self) -> usize {
        let headers = self.delivery.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len() + 64).sum();
        self.delivery.body.len() + headers + self.path.len() + 2048
    }
}

impl Facts {
    fn of(judged: &Judged, body: &[u8]) -> Self {
        let facts = Self {
            is_valid: false,
            reply: judged.reply,
            name: None,
            id: None,
            order_id: None,
            updated_at: None,
            key: None,
            change: judged.order.as_ref().map(|order| order.change),
            problem: None,
            reason: None,
        };
        match &judged.verdict {
            Ok(webhook) => Self { is_valid: true, key: Some(short(webhook.key().id())), ..facts }
                .with(Webhook::envelope(webhook)),
            Err(error) => {
                let facts = Self { reason: Some(WithCauses(error).to_string()), ..facts };
                match Envelope::from_json(body.get(..body.len().min(MOST_READ)).unwrap_or_default())
                {
                    Ok(envelope) => facts.with(&envelope),
                    Err(_) => facts,
                }
            }
        }
    }

    fn with(self, envelope: &Envelope) -> Self {
        let event = envelope.event();
        Self {
            name: Some(short(envelope.name())),
            id: Some(short(envelope.id())),
            order_id: event.as_ref().ok().and_then(|event| event.order_id()).map(short),
            updated_at: event
                .as_ref()
                .ok()
                .and_then(|it| it.updated_at())
                .map(|it| short(it.as_ref())),
            problem: decoding::problem(&event),
            ..self
        }
    }
}

pub(super) fn short(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some((end, _)) = text.char_indices().nth(MOST_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Cuts a text to at most so many bytes.
pub(super) fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
        text.shrink_to_fit();
    }
}

/// The newest deliveries, by their numbers.
pub(super) struct Deliveries {
    kept: VecDeque<Arc<Kept>>,
    /// The number of the oldest.
    first: u64,
    bytes: usize,
}

/// The number of the first delivery.
const FIRST: u64 = 1;

impl Default for Deliveries {
    fn default() -> Self {
        Self { kept: VecDeque::new(), first: FIRST, bytes: 0 }
    }
}

impl Deliveries {
    /// Keeps one more, and gives its number.
    pub(super) fn push(&mut self, kept: Kept) -> u64 {
        self.bytes += kept.size();
        self.kept.push_back(Arc::new(kept));
        // The newest stays, however large it is.
        while self.kept.len() > MOST || (self.bytes > MOST_BYTES && self.kept.len() > 1) {
            if let Some(oldest) = self.kept.pop_front() {
                self.bytes = self.bytes.saturating_sub(oldest.size());
                self.first += 1;
            }
        }
        self.first + self.kept.len() as u64 - 1
    }

    pub(super) fn get(&self, number: u64) -> Option<Arc<Kept>> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.kept.get(place).cloned()
    }

    /// Changes what is known about one.
    pub(super) fn replace(&mut self, number: u64, kept: Kept) -> bool {
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        let Some(old) = place.and_then(|place| self.kept.get_mut(place)) else { return false };
        self.bytes = (self.bytes + kept.size()).saturating_sub(old.size());
        *old = Arc::new(kept);
        true
    }

    /// Those before this number, the newest first.
    pub(super) fn before(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<Kept>)> {
        let place = number.saturating_sub(self.first);
        let most = usize::try_from(place).unwrap_or(usize::MAX).min(self.kept.len());
        let numbered = self.kept.range(..most).enumerate();
        numbered.rev().map(|(place, kept)| (self.first + place as u64, kept))
    }

    /// Those after this number, the oldest first.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<Kept>)> {
        (self.first..).zip(&self.kept).filter(move |(it, _)| *it > number)
    }

    /// All, the oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, &Arc<Kept>)> {
        (self.first..).zip(&self.kept)
    }

    /// How many are gone.
    pub(super) fn dropped(&self) -> u64 {
        self.first - FIRST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judging::Judge;

    fn kept(judge: &Judge, bytes: usize) -> Kept {
        let delivery = Delivery::unsigned(vec![b' '; bytes]);
        let judged = judge.judge(&delivery);
        Kept::new("now".into(), "/".into(), delivery, &judged)
    }

    fn judge() -> Judge {
        let key = topper_testkit::TestKey::generate();
        Judge::new(topper_core::Verifier::builder().public_key(&key.public_jwk()).build().unwrap())
    }

    #[test]
    fn drops_the_oldest_when_there_are_too_many() {
        let (judge, mut deliveries) = (judge(), Deliveries::default());
        for number in 1..=MOST as u64 + 5 {
            assert_eq!(deliveries.push(kept(&judge, 1)), number);
        }
        assert_eq!((deliveries.all().count(), deliveries.dropped()), (MOST, 5));
        assert!(deliveries.get(5).is_none() && deliveries.get(6).is_some());
        let newest: Vec<u64> = deliveries.before(u64::MAX).map(|it| it.0).take(2).collect();
        assert_eq!(newest, [MOST as u64 + 5, MOST as u64 + 4]);
        assert_eq!(deliveries.before(8).map(|it| it.0).collect::<Vec<_>>(), [7, 6]);
        assert_eq!(deliveries.after(MOST as u64 + 3).count(), 2);
    }

    #[test]
    fn drops_the_oldest_when_they_are_too_large_but_never_the_newest() {
        let (judge, mut deliveries) = (judge(), Deliveries::default());
        for _ in 0..20 {
            deliveries.push(kept(&judge, 16 * 1024 * 1024));
        }
        assert!(deliveries.bytes <= MOST_BYTES && deliveries.all().count() == 15);
        deliveries.push(kept(&judge, MOST_BYTES + 1));
        assert_eq!(deliveries.all().count(), 1);
    }
}
