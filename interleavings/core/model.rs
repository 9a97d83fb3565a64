//! What must hold of a verifier in every order of the steps of threads.

use std::sync::OnceLock;

use shuttle::thread::{self, JoinHandle};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::{Error, Head, KeySet, SourceMode, Verifier};

/// A model runs some threads once. It panics if something does not hold, and shuttle does if all of them wait.
pub type Model = fn();

/// All models, by name.
pub const MODELS: &[(&str, Model)] = &[
    ("verifier-proof", a_proof_is_kept_while_keys_are_replaced),
    ("verifier-replace", a_proof_is_kept_when_keys_are_replaced_twice),
    ("verifier-other", a_key_is_not_proven_by_another),
    ("verifier-sources", each_unlisted_source_is_counted),
];

/// Two keys, a delivery that each has signed, and one that another key has signed.
struct Deliveries {
    keys: [KeySet; 2],
    both: KeySet,
    signed: [Delivery; 2],
    forged: Delivery,
}

/// The same for all runs, because signing takes longer than a run.
fn deliveries() -> &'static Deliveries {
    static DELIVERIES: OnceLock<Deliveries> = OnceLock::new();
    DELIVERIES.get_or_init(|| {
        let event = EventBuilder::new(topper_core::EventName::UserCreated).to_json();
        let keys = [TestKey::generate(), TestKey::generate()];
        Deliveries {
            both: KeySet::parse(&TestKey::public_jwk_set(&keys)).unwrap(),
            signed: keys.each_ref().map(|key| Delivery::signed(key, event.clone())),
            forged: Delivery::signed(&TestKey::generate(), event),
            keys: keys.map(|key| KeySet::parse(&key.public_jwk()).unwrap()),
        }
    })
}

fn verify(verifier: &Verifier, delivery: &Delivery) -> Result<(), Error> {
    verifier.verify(&Head::new(delivery.peer, &delivery.headers), &delivery.body).map(drop)
}

fn verifier(keys: &KeySet) -> Verifier {
    Verifier::builder().keys(keys.clone()).sources(SourceMode::Observe).build().unwrap()
}

/// A thread that replaces the keys.
fn replaces(verifier: &Verifier, keys: &'static KeySet) -> JoinHandle<()> {
    let verifier = verifier.clone();
    thread::spawn(move || verifier.replace_keys(keys.clone()))
}

fn join<T>(threads: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn a_proof_is_kept_while_keys_are_replaced() {
    let Deliveries { keys: [one, _], both, signed: [genuine, _], forged } = deliveries();
    let verifier = verifier(one);
    let proving = {
        let verifier = verifier.clone();
        thread::spawn(move || verify(&verifier, genuine).unwrap())
    };
    let replacing = [replaces(&verifier, both), replaces(&verifier, one)];
    join([proving]);
    join(replacing);
    // Of two keys one is unproven; the other is the only one again.
    verifier.replace_keys(one.clone());
    assert_eq!(verify(&verifier, forged), Err(Error::SignatureInvalid), "the proof is lost");
}

fn a_proof_is_kept_when_keys_are_replaced_twice() {
    let Deliveries { keys: [one, _], both, signed: [genuine, of_other], forged } = deliveries();
    let verifier = verifier(one);
    verify(&verifier, genuine).unwrap();
    let replacing = {
        let verifier = verifier.clone();
        thread::spawn(move || {
            verifier.replace_keys(both.clone());
            verify(&verifier, of_other).unwrap();
        })
    };
    join([replacing, replaces(&verifier, both)]);
    assert_eq!(verify(&verifier, forged), Err(Error::SignatureInvalid), "a proof is lost");
}

fn a_key_is_not_proven_by_another() {
    let Deliveries { keys: [_, other], both, signed: [genuine, of_other], forged } = deliveries();
    let verifier = verifier(both);
    let proving = [0, 1].map(|_| {
        let verifier = verifier.clone();
        thread::spawn(move || verify(&verifier, genuine).unwrap())
    });
    let replacing = replaces(&verifier, both);
    join(proving);
    assert_eq!(verify(&verifier, forged), Err(Error::KeyUnproven), "a key has not matched");
    join([replacing]);
    verifier.replace_keys(other.clone());
    assert_eq!(verify(&verifier, forged), Err(Error::KeyUnproven), "the key has not matched");
    verify(&verifier, of_other).unwrap();
    assert_eq!(verify(&verifier, forged), Err(Error::SignatureInvalid));
}

fn each_unlisted_source_is_counted() {
    let Deliveries { keys: [one, _], signed: [genuine, _], .. } = deliveries();
    let verifier = verifier(one);
    let threads = [0, 1, 2].map(|_| {
        let verifier = verifier.clone();
        thread::spawn(move || {
            let from_elsewhere = genuine.clone().from_peer(std::net::IpAddr::from([192, 0, 2, 1]));
            verify(&verifier, &from_elsewhere).unwrap();
        })
    });
    join(threads);
    assert_eq!(verifier.unlisted_sources(), 3);
}
