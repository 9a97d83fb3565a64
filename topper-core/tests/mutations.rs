//! Every single change to a signed delivery is refused: each bit, each byte more, each byte less.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use topper_core::{EventName, Reply, Verifier, protocol::SIGNATURE_HEADER};
use topper_testkit::{Delivery, EventBuilder, TestKey};

struct Signed {
    key: TestKey,
    verifier: Verifier,
    body: Vec<u8>,
    token: Vec<u8>,
}

impl Signed {
    /// A signed event of 400 bytes, and a verifier that has verified it.
    fn new() -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        let padded = |pad: usize| {
            EventBuilder::new(EventName::UserCreated).add("data.pad", "x".repeat(pad)).to_json()
        };
        let body = padded(400 - padded(0).len());
        assert_eq!(body.len(), 400);
        let token = key.sign(&body).into_bytes();
        let signed = Self { key, verifier, body, token };
        signed.accepts();
        signed
    }

    fn accepts(&self) {
        self.delivery(&self.token, &self.body).verify(&self.verifier).unwrap();
        self.verifier.keys().verify(&self.token, &self.body).unwrap();
        assert_eq!(self.verifier.keys().iter().next().unwrap().id(), self.key.key_id());
    }

    fn refuses(&self, token: &[u8], body: &[u8]) {
        let refused = self.delivery(token, body).verify(&self.verifier).unwrap_err();
        let expected: &[Reply] = if token == self.token {
            &[Reply::SignatureInvalid]
        } else {
            &[Reply::SignatureInvalid, Reply::SignatureMalformed]
        };
        assert!(expected.contains(&refused.reply()), "{refused:?}");
        self.verifier.keys().verify(token, body).unwrap_err();
    }

    fn delivery(&self, token: &[u8], body: &[u8]) -> Delivery {
        Delivery::unsigned(body).header(SIGNATURE_HEADER, token)
    }
}

/// Every text that differs in one bit.
fn flips(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len() * 8).map(|bit| {
        let mut text = text.to_vec();
        text.iter_mut().skip(bit / 8).take(1).for_each(|byte| *byte ^= 1 << (bit % 8));
        text
    })
}

/// Every text that has one byte more: the byte before which it comes again, and others.
fn insertions(text: &[u8], others: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for place in 0..=text.len() {
        let (before, after) = text.split_at(place);
        for byte in after.first().iter().copied().chain(others) {
            all.push([before, &[*byte], after].concat());
        }
    }
    all
}

/// Every text that has one byte less.
fn deletions(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len()).map(|place| {
        let (before, after) = text.split_at(place);
        [before, after.get(1..).unwrap()].concat()
    })
}

#[test]
fn refuses_every_flipped_bit_of_the_body() {
    let signed = Signed::new();
    assert_eq!(flips(&signed.body).count(), 3200);
    flips(&signed.body).for_each(|body| signed.refuses(&signed.token, &body));
    signed.accepts();
}

#[test]
fn refuses_every_flipped_bit_of_the_token() {
    let signed = Signed::new();
    // `{"alg":"ES256"}` in 20 characters, two dots, 64 bytes in 86.
    assert_eq!(flips(&signed.token).count(), 8 * 108);
    flips(&signed.token).for_each(|token| signed.refuses(&token, &signed.body));
    signed.accepts();
}

#[test]
fn refuses_every_byte_more() {
    let signed = Signed::new();
    insertions(&signed.body, b" ").iter().for_each(|body| signed.refuses(&signed.token, body));
    let tokens = insertions(&signed.token, b"A=. \0");
    assert!(tokens.len() > 6 * 108);
    tokens.iter().for_each(|token| signed.refuses(token, &signed.body));
    signed.accepts();
}

#[test]
fn refuses_every_byte_less() {
    let signed = Signed::new();
    deletions(&signed.body).for_each(|body| signed.refuses(&signed.token, &body));
    deletions(&signed.token).for_each(|token| signed.refuses(&token, &signed.body));
    signed.accepts();
}
