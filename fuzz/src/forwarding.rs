//! Forwarding headers.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::LazyLock,
};

use topper_core::{TrustedProxies, Verifier};
use topper_testkit::Delivery;

use crate::signature::KEY;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const HEADERS: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

static DELIVERY: LazyLock<Delivery> = LazyLock::new(|| {
    Delivery::signed(&KEY, r#"{"id":"1","name":"user:created"}"#).from_peer(PROXY)
});
static VERIFIERS: LazyLock<[Verifier; 3]> = LazyLock::new(|| {
    HEADERS.map(|header| {
        let proxies = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"]).unwrap();
        let builder = Verifier::builder().public_key(&KEY.public_jwk());
        builder.trusted_proxies(proxies.header(header).unwrap()).build().unwrap()
    })
});

/// The client is an address that the header contains and that is not a proxy, and what a client puts
/// before what a proxy appended never replaces it.
///
/// The input is what the client sent, a line feed, and the lines of the proxies.
pub fn forwarding(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let forged = lines.next().unwrap_or_default();
    let lines: Vec<&[u8]> = lines.collect();
    for (header, verifier) in HEADERS.into_iter().zip(&*VERIFIERS) {
        let Some(client) = client(verifier, header, &lines) else { continue };
        assert!(!is_proxy(client) && contains(&lines, client), "{client} is not in {header}");
        if header == "x-real-ip" {
            continue;
        }
        let with_line: Vec<&[u8]> = [&[forged], &lines[..]].concat();
        assert_eq!(self::client(verifier, header, &with_line), Some(client), "{header}");
        let first = [forged, b", ", lines[0]].concat();
        let in_line: Vec<&[u8]> = [&[&first[..]], &lines[1..]].concat();
        let again = self::client(verifier, header, &in_line);
        // A client that makes its own line unreadable hides itself, and no more.
        let is_own = self::client(verifier, header, &lines[1..]).is_none();
        let is_hidden = again.is_none() && is_own;
        assert!(again == Some(client) || is_hidden, "{header}: {again:?} and not {client}");
    }
}

fn client(verifier: &Verifier, header: &str, lines: &[&[u8]]) -> Option<IpAddr> {
    let add = |delivery: Delivery, line: &&[u8]| delivery.header(header, *line);
    lines.iter().fold(DELIVERY.clone(), add).verify(verifier).unwrap().client()
}

fn is_proxy(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets()[0] == 10,
        IpAddr::V6(v6) => v6.octets()[0] == 0xfd,
    }
}

/// Whether any part of a line, without the escapes of a quoted text, is the address.
fn contains(lines: &[&[u8]], address: IpAddr) -> bool {
    let is_address = |part: &[u8]| {
        let part = std::str::from_utf8(part).ok().and_then(|part| part.parse::<IpAddr>().ok());
        part.is_some_and(|other| other.to_canonical() == address)
    };
    lines.iter().any(|line| {
        let line: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'\\').collect();
        (0..line.len()).any(|start| {
            (start + 2..=line.len().min(start + 45)).any(|end| is_address(&line[start..end]))
        })
    })
}
