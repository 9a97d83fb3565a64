//! Sources: whose address counts, and what it decides.

use std::net::IpAddr;

use topper_core::{Error, SourceMode, TrustedProxies, Verifier, protocol::ADDRESSES};
use topper_testkit::{Delivery, TestKey};

use crate::{builder, event};

const TOPPER: &str = "35.188.196.183";
const STRANGER: &str = "203.0.113.9";
const PROXY: &str = "10.1.2.3";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

struct Case {
    key: TestKey,
    verifier: Verifier,
}

impl Case {
    fn enforced(proxies: Option<TrustedProxies>) -> Self {
        let key = TestKey::generate();
        let mut builder = builder(&key).sources(SourceMode::Enforce);
        if let Some(proxies) = proxies {
            builder = builder.trusted_proxies(proxies);
        }
        Self { verifier: builder.build().unwrap(), key }
    }

    fn behind(header: &str) -> Self {
        Self::enforced(Some(
            TrustedProxies::new(["10.0.0.0/8", "fd00::/8"]).unwrap().header(header).unwrap(),
        ))
    }

    fn from(&self, peer: &str, headers: &[(&str, &str)]) -> Result<Option<IpAddr>, Error> {
        let mut delivery = Delivery::signed(&self.key, event()).from_peer(ip(peer));
        for (name, value) in headers {
            delivery = delivery.header(name, *value);
        }
        delivery.verify(&self.verifier).map(|webhook| webhook.client())
    }

    /// The lines of a header, as the proxy passes them on.
    fn lines(&self, name: &str, lines: &[&str]) -> Result<Option<IpAddr>, Error> {
        let headers: Vec<_> = lines.iter().map(|line| (name, *line)).collect();
        self.from(PROXY, &headers)
    }
}

#[test]
fn lets_in_each_of_toppers_addresses() {
    let case = Case::enforced(None);
    assert_eq!(ADDRESSES.len(), 10);
    for &address in ADDRESSES {
        assert_eq!(case.from(&address.to_string(), &[]), Ok(Some(IpAddr::V4(address))));
        assert_eq!(case.from(&format!("::ffff:{address}"), &[]), Ok(Some(IpAddr::V4(address))));
    }
}

#[test]
fn forbids_any_other_address() {
    let case = Case::enforced(None);
    for peer in [STRANGER, "35.188.196.184", "2001:db8::1"] {
        assert_eq!(case.from(peer, &[]), Err(Error::SourceForbidden));
    }
    assert_eq!(case.verifier.unlisted_sources(), 3);
}

#[test]
fn does_not_know_the_source_without_a_peer() {
    let case = Case::enforced(None);
    let delivery = Delivery::signed(&case.key, event()).from_peer(None);
    assert_eq!(delivery.verify(&case.verifier).unwrap_err(), Error::SourceUnknown);
}

#[test]
fn does_not_know_the_source_behind_a_proxy_that_is_not_configured() {
    let case = Case::enforced(None);
    for peer in [
        PROXY,
        "127.0.0.1",
        "192.168.7.7",
        "172.16.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "0.0.0.0",
        "::1",
        "::",
        "fd00::7",
        "fe80::1",
        "::ffff:10.1.2.3",
    ] {
        assert_eq!(
            case.from(peer, &[("x-forwarded-for", TOPPER)]),
            Err(Error::SourceUnknown),
            "{peer}"
        );
    }
    for peer in ["100.63.255.255", "100.128.0.0", "172.32.0.1", "11.0.0.1"] {
        assert_eq!(case.from(peer, &[]), Err(Error::SourceForbidden), "{peer}");
    }
}

#[test]
fn does_not_know_the_source_behind_a_private_proxy_that_is_not_one_of_the_configured() {
    let case = Case::behind("x-forwarded-for");
    for (peer, line) in [("192.168.7.7", TOPPER), (PROXY, "35.188.196.183, 192.168.7.7")] {
        assert_eq!(case.from(peer, &[("x-forwarded-for", line)]), Err(Error::SourceUnknown));
    }
    // Nobody is forbidden to be private where that is on the list.
    let verifier = builder(&case.key)
        .sources(SourceMode::Enforce)
        .allowed_ips(["192.168.7.7"])
        .trusted_proxies(TrustedProxies::new([PROXY]).unwrap())
        .build()
        .unwrap();
    Case { key: case.key, verifier }.from("192.168.7.7", &[]).unwrap();
}

#[test]
fn takes_the_configured_addresses_in_place_of_toppers() {
    let key = TestKey::generate();
    let verifier = builder(&key)
        .sources(SourceMode::Enforce)
        .allowed_ips([
            "127.0.0.1",
            "2001:db8::/32",
            "::ffff:198.51.100.0/120",
            // Wider than all of IPv4, so it stays what it is: a network of IPv6.
            "::ffff:192.0.2.0/64",
        ])
        .build()
        .unwrap();
    let case = Case { key, verifier };
    for peer in ["127.0.0.1", "::ffff:127.0.0.1", "2001:db8::7", "198.51.100.7"] {
        case.from(peer, &[]).unwrap();
    }
    for peer in [TOPPER, "198.51.101.7", "192.0.2.0", "2001:db9::"] {
        assert_eq!(case.from(peer, &[]), Err(Error::SourceForbidden));
    }
}

#[test]
fn never_reads_a_header_that_is_not_from_a_trusted_proxy() {
    for case in [
        Case::enforced(None),
        Case::behind("x-forwarded-for"),
        Case::behind("forwarded"),
        Case::behind("x-real-ip"),
    ] {
        for name in [
            "x-forwarded-for",
            "X-Forwarded-For",
            "forwarded",
            "x-real-ip",
            "client-ip",
            "true-client-ip",
            "cf-connecting-ip",
        ] {
            let value = if name == "forwarded" { "for=35.188.196.183" } else { TOPPER };
            assert_eq!(
                case.from(STRANGER, &[(name, value)]),
                Err(Error::SourceForbidden),
                "{name}"
            );
        }
    }
}

#[test]
fn reads_only_the_configured_header() {
    let case = Case::behind("x-forwarded-for");
    assert_eq!(
        case.from(PROXY, &[("forwarded", "for=35.188.196.183"), ("x-real-ip", TOPPER)]),
        Err(Error::SourceUnknown)
    );
    let case = Case::behind("forwarded");
    assert_eq!(case.from(PROXY, &[("x-forwarded-for", TOPPER)]), Err(Error::SourceUnknown));
}

#[test]
fn walks_x_forwarded_for_from_the_right_over_all_lines() {
    let case = Case::behind("X-Forwarded-For");
    let client = Ok(Some(ip(TOPPER)));
    for lines in [
        &[TOPPER][..],
        &["35.188.196.183:443"],
        &["::ffff:35.188.196.183"],
        &["[::ffff:35.188.196.183]:443"],
        &["203.0.113.9, 35.188.196.183"],
        &["203.0.113.9,35.188.196.183, 10.9.9.9"],
        &["203.0.113.9", "35.188.196.183,\t10.9.9.9 ,10.8.8.8"],
        &["203.0.113.9, 35.188.196.183", "10.9.9.9", "[fd00::1]"],
        &["not an address, 35.188.196.183"],
        &["\"", "35.188.196.183"],
    ] {
        assert_eq!(case.lines("x-forwarded-for", lines), client, "{lines:?}");
    }
    for lines in
        [&["35.188.196.183, 203.0.113.9"][..], &["35.188.196.183", "203.0.113.9, 10.9.9.9"]]
    {
        assert_eq!(case.lines("x-forwarded-for", lines), Err(Error::SourceForbidden), "{lines:?}");
    }
}

#[test]
fn stops_at_an_entry_that_is_not_an_address_and_never_skips_it() {
    let case = Case::behind("X-Forwarded-For");
    for lines in [
        &[][..],
        &[""],
        &["35.188.196.183, "],
        &["35.188.196.183,, 10.9.9.9"],
        &["35.188.196.183, unknown"],
        &["35.188.196.183", ""],
        &["35.188.196.183", "x"],
        &["35.188.196.183, 10.9.9.9, 10.8.8"],
        &["35.188.196.183 10.9.9.9"],
        &["035.188.196.183"],
        &["35.188.196.183:99999"],
        &["[35.188.196.183]"],
        &["10.9.9.9, 10.8.8.8"],
        &["for=35.188.196.183"],
    ] {
        assert_eq!(case.lines("x-forwarded-for", lines), Err(Error::SourceUnknown), "{lines:?}");
    }
    let delivery = Delivery::signed(&case.key, event())
        .from_peer(ip(PROXY))
        .header("x-forwarded-for", b"\xff".to_vec());
    assert_eq!(delivery.verify(&case.verifier).unwrap_err(), Error::SourceUnknown);
}

#[test]
fn walks_forwarded_from_the_right_over_all_lines() {
    let case = Case::behind("Forwarded");
    let client = Ok(Some(ip(TOPPER)));
    for lines in [
        &["for=35.188.196.183"][..],
        &["For=\"35.188.196.183:443\""],
        &["proto=https;for=35.188.196.183;by=10.0.0.1"],
        &["for=203.0.113.9, for=35.188.196.183 ; proto=https , for=\"[fd00::1]:8080\""],
        &["for=203.0.113.9", "for=35.188.196.183", "for=10.9.9.9;host=\"a,b;for=203.0.113.9\""],
        &["for=35.188.196.183;host=\"\\\"\""],
        &["for=\"\\3\\5.188.196.183\""],
        &["for=unknown, for=35.188.196.183"],
        // What may be missing may be empty.
        &["for=35.188.196.183;"],
        &[";; for=35.188.196.183 ; ;by=10.0.0.1"],
        &[" ,, for=35.188.196.183 , ,", ""],
    ] {
        assert_eq!(case.lines("forwarded", lines), client, "{lines:?}");
    }
    assert_eq!(
        case.lines("forwarded", &["for=35.188.196.183, for=203.0.113.9"]),
        Err(Error::SourceForbidden)
    );
    assert_eq!(
        case.lines("forwarded", &["for=35.188.196.183, for=\"[2001:db8::1]:443\""]),
        Err(Error::SourceForbidden)
    );
}

#[test]
fn does_not_believe_a_forwarded_line_that_breaks_the_grammar() {
    let case = Case::behind("Forwarded");
    for lines in [
        &[][..],
        &[""],
        &["35.188.196.183"],
        &["for="],
        &["for=35.188.196.183, ;"],
        &["for=35.188.196.183 35.188.196.183"],
        &["for =35.188.196.183"],
        &["for=35.188.196.183;for=35.188.196.183"],
        &["for=35.188.196.183, by=10.0.0.1"],
        &["for=35.188.196.183, for=unknown"],
        &["for=35.188.196.183, for=_hidden"],
        &["for=35.188.196.183:443"],
        // Quotes on the left that would swallow what the proxy appended.
        &["for=35.188.196.183;a=\", for=203.0.113.9"],
        &["for=35.188.196.183;a=\", for=\"[2001:db8::1]:443\""],
        &["for=35.188.196.183;a=\"\\", "x"],
    ] {
        assert_eq!(case.lines("forwarded", lines), Err(Error::SourceUnknown), "{lines:?}");
    }
}

#[test]
fn reads_a_header_with_a_single_address() {
    let case = Case::behind("CF-Connecting-IP");
    for value in [TOPPER, " 35.188.196.183 ", "35.188.196.183:443"] {
        assert_eq!(case.lines("cf-connecting-ip", &[value]), Ok(Some(ip(TOPPER))), "{value}");
    }
    assert_eq!(case.lines("cf-connecting-ip", &[STRANGER]), Err(Error::SourceForbidden));
    for lines in [
        &[][..],
        &[""],
        &["35.188.196.183, 35.188.196.183"],
        &[TOPPER, TOPPER],
        &["unknown"],
        &["10.9.9.9"],
    ] {
        assert_eq!(case.lines("cf-connecting-ip", lines), Err(Error::SourceUnknown), "{lines:?}");
    }
}

#[test]
fn observes_unless_told_otherwise_and_counts() {
    let key = TestKey::generate();
    let case = Case { verifier: builder(&key).build().unwrap(), key };
    assert_eq!(case.from(TOPPER, &[]), Ok(Some(ip(TOPPER))));
    assert_eq!(case.verifier.unlisted_sources(), 0);
    assert_eq!(case.from(STRANGER, &[]), Ok(Some(ip(STRANGER))));
    assert_eq!(case.from(PROXY, &[]), Ok(Some(ip(PROXY))));
    let delivery = Delivery::signed(&case.key, event()).from_peer(None);
    assert_eq!(delivery.verify(&case.verifier).unwrap().client(), None);
    assert_eq!(case.verifier.clone().unlisted_sources(), 3);
}

#[test]
fn does_not_look_at_sources_that_are_off() {
    let key = TestKey::generate();
    let case = Case { verifier: builder(&key).sources(SourceMode::Off).build().unwrap(), key };
    assert_eq!(case.from(STRANGER, &[]), Ok(None));
    assert_eq!(case.verifier.unlisted_sources(), 0);
}

#[test]
fn refuses_proxies_that_are_none() {
    for networks in
        [&[][..], &[""], &["10.0.0.0/33"], &["10.0.0"], &["localhost"], &["10.0.0.1", "::1/200"]]
    {
        TrustedProxies::new(networks.iter().copied()).unwrap_err();
    }
    for header in ["", "x y", "x:", "X\r\nY", "\u{e9}"] {
        TrustedProxies::new(["10.0.0.1"]).unwrap().header(header).unwrap_err();
    }
}

#[test]
fn a_mode_is_shown_as_it_is_configured() {
    let shown: Vec<String> = SourceMode::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["off", "observe", "enforce"]);
    for mode in SourceMode::ALL {
        assert_eq!(mode.to_string().to_uppercase().parse::<SourceMode>().unwrap(), *mode);
    }
}
