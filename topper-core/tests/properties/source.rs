//! The walk over forwarding headers equals a model of it.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use proptest::prelude::*;
use topper_core::{TrustedProxies, Verifier};
use topper_testkit::{Delivery, TestKey};

use crate::config;

/// One entry of a forwarding header.
#[derive(Clone, Debug)]
enum Entry {
    /// An address, and how it is spelt.
    Address(IpAddr, Spelling),
    /// Something that is no address.
    Garbage(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Spelling {
    Plain,
    Port,
    Mapped,
}

/// The client: the right-most address that is no trusted proxy, unless something that is no address
/// comes before it.
fn model(lines: &[Vec<Entry>]) -> Option<IpAddr> {
    for entry in lines.iter().flatten().rev() {
        match entry {
            Entry::Garbage(_) => return None,
            Entry::Address(address, _) if is_trusted(*address) => {}
            Entry::Address(address, _) => return Some(*address),
        }
    }
    None
}

/// The networks `10.0.0.0/8` and `fd00::/8`.
fn is_trusted(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets().first() == Some(&10),
        IpAddr::V6(v6) => v6.octets().first() == Some(&0xfd),
    }
}

impl Entry {
    fn x_forwarded_for(&self) -> String {
        match self {
            Self::Garbage(text) => (*text).to_owned(),
            Self::Address(address, spelling) => spell(*address, *spelling),
        }
    }

    fn forwarded(&self) -> String {
        match self {
            Self::Garbage(_) => "proto=https;for=_hidden".to_owned(),
            Self::Address(IpAddr::V4(v4), Spelling::Plain) => format!("For={v4};proto=http"),
            Self::Address(IpAddr::V6(v6), Spelling::Plain) => format!("for=\"[{v6}]\""),
            Self::Address(address, spelling) => {
                let text = spell(*address, *spelling);
                let bare = matches!(spelling, Spelling::Mapped);
                if bare && !text.starts_with('[') {
                    format!("by=_x ;for=\"[{text}]\"")
                } else {
                    format!("host=\"a,b\";for=\"{text}\"")
                }
            }
        }
    }
}

fn spell(address: IpAddr, spelling: Spelling) -> String {
    match (address, spelling) {
        (_, Spelling::Plain) => address.to_string(),
        (IpAddr::V4(v4), Spelling::Port) => format!("{v4}:443"),
        (IpAddr::V6(v6), Spelling::Port) => format!("[{v6}]:443"),
        (IpAddr::V4(v4), Spelling::Mapped) => v4.to_ipv6_mapped().to_string(),
        (IpAddr::V6(v6), Spelling::Mapped) => format!("[{v6}]"),
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    let address = prop_oneof![
        4 => any::<[u8; 3]>().prop_map(|[a, b, c]| IpAddr::from([10, a, b, c])),
        2 => any::<[u8; 4]>().prop_map(|octets| IpAddr::V4(Ipv4Addr::from(octets))),
        2 => any::<u16>().prop_map(|last| IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, last])),
        1 => any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)).to_canonical()),
    ];
    let spelling =
        proptest::sample::select(&[Spelling::Plain, Spelling::Port, Spelling::Mapped][..]);
    let garbage = proptest::sample::select(
        &[
            "",
            "unknown",
            "_x",
            "10.0.0",
            "10.0.0.1.2",
            "010.0.0.1",
            "10.0.0.1:x",
            "[::1",
            "10.0.0.1 10.0.0.2",
            "for=10.0.0.1",
            "\"10.0.0.1\"",
        ][..],
    );
    prop_oneof![
        9 => (address, spelling).prop_map(|(address, spelling)| Entry::Address(address, spelling)),
        1 => garbage.prop_map(Entry::Garbage),
    ]
}

struct Setup {
    x_forwarded_for: Verifier,
    forwarded: Verifier,
    delivery: Delivery,
}

static SETUP: LazyLock<Setup> = LazyLock::new(|| {
    let key = TestKey::generate();
    let proxies = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"]).unwrap();
    let verifier = |proxies| {
        let builder = Verifier::builder().public_key(&key.public_jwk());
        builder.trusted_proxies(proxies).build().unwrap()
    };
    Setup {
        x_forwarded_for: verifier(proxies.clone()),
        forwarded: verifier(proxies.header("Forwarded").unwrap()),
        delivery: Delivery::signed(&key, r#"{"id":"1","name":"user:created"}"#),
    }
});

fn deliver(peer: IpAddr, name: &str, lines: Vec<String>) -> Delivery {
    let delivery = SETUP.delivery.clone().from_peer(peer);
    lines.into_iter().fold(delivery, |delivery, line| delivery.header(name, line))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_client_is_that_of_the_model(
        lines in proptest::collection::vec(proptest::collection::vec(entry(), 1..4), 0..4),
        spaces in " {0,2}",
        peer in entry(),
    ) {
        let Entry::Address(peer, _) = peer else { return Ok(()) };
        let expected = if is_trusted(peer) { model(&lines) } else { Some(peer) };
        let joined = |entry: fn(&Entry) -> String| -> Vec<String> {
            let join = |line: &Vec<Entry>| line.iter().map(entry).collect::<Vec<_>>();
            lines.iter().map(|line| join(line).join(&format!("{spaces},{spaces}"))).collect()
        };
        let delivery = deliver(peer, "x-forwarded-for", joined(Entry::x_forwarded_for));
        prop_assert_eq!(delivery.verify(&SETUP.x_forwarded_for).unwrap().client(), expected);
        let delivery = deliver(peer, "forwarded", joined(Entry::forwarded));
        prop_assert_eq!(delivery.verify(&SETUP.forwarded).unwrap().client(), expected);
    }

    #[test]
    fn no_forwarding_header_panics(lines in proptest::collection::vec(".{0,60}", 0..4)) {
        for (name, verifier) in
            [("x-forwarded-for", &SETUP.x_forwarded_for), ("forwarded", &SETUP.forwarded)]
        {
            let delivery = deliver([10, 0, 0, 1].into(), name, lines.clone());
            prop_assert!(delivery.verify(verifier).is_ok());
        }
    }
}
