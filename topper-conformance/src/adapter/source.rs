//! Where a delivery comes from: the socket's other end, and proxies only when they are trusted.

use std::net::{IpAddr, Ipv6Addr};

use topper_core::{Reply, SourceMode, TrustedProxies, VerifierBuilder};
use topper_testkit::Delivery;

use super::{
    Quirk,
    receiver::{Bench, Receiver},
};

/// One of Topper's addresses, and one that is not.
const LISTED: &str = "35.188.196.183";
const STRANGER: &str = "203.0.113.9";

/// Headers that someone, somewhere believes.
const FORWARDING: [&str; 20] = [
    "X-Forwarded-For",
    "x-forwarded-for",
    "X-FORWARDED-FOR",
    "Forwarded",
    "FORWARDED",
    "X-Forwarded",
    "Forwarded-For",
    "X-Real-IP",
    "x-real-ip",
    "X-Client-IP",
    "Client-IP",
    "X-Cluster-Client-IP",
    "X-Originating-IP",
    "X-Remote-Addr",
    "Remote-Addr",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Fastly-Client-IP",
    "Fly-Client-IP",
    "X-Envoy-External-Address",
];

fn enforce(builder: VerifierBuilder) -> VerifierBuilder {
    builder.sources(SourceMode::Enforce)
}

fn proxies(header: &str) -> TrustedProxies {
    TrustedProxies::new(["127.0.0.1", "10.0.0.0/8"]).unwrap().header(header).unwrap()
}

fn behind(header: &str) -> impl FnOnce(VerifierBuilder) -> VerifierBuilder {
    let proxies = proxies(header);
    move |builder| enforce(builder).trusted_proxies(proxies)
}

/// A genuine delivery with lines of a header.
fn with(receiver: &Receiver<'_>, name: &str, lines: &[&str]) -> Delivery {
    lines.iter().fold(receiver.completed(), |delivery, line| delivery.header(name, *line))
}

pub(super) async fn is_not_looked_at_when_off(bench: &Bench) {
    let receiver = bench.start(|builder| builder.sources(SourceMode::Off)).await;
    receiver.accepts(&receiver.completed()).await;
    receiver.accepts(&with(&receiver, "x-forwarded-for", &[STRANGER])).await;
    assert_eq!(receiver.verifier().unlisted_sources(), 0);
}

pub(super) async fn is_only_counted_unless_enforced(bench: &Bench) {
    let receiver = bench.receiver().await;
    receiver.accepts(&receiver.completed()).await;
    receiver.accepts(&with(&receiver, "x-forwarded-for", &[LISTED])).await;
    assert_eq!(receiver.verifier().unlisted_sources(), 2);
    let receiver = bench.start(|builder| builder.allowed_ips(["127.0.0.1"])).await;
    receiver.accepts(&receiver.completed()).await;
    assert_eq!(receiver.verifier().unlisted_sources(), 0);
}

pub(super) async fn is_the_peer_of_the_socket(bench: &Bench) {
    let receiver = bench.start(|builder| enforce(builder).allowed_ips(["127.0.0.1"])).await;
    let webhook = receiver.accepts(&receiver.completed()).await;
    assert_eq!(webhook.client(), Some(IpAddr::from([127, 0, 0, 1])));
    receiver.accepts(&with(&receiver, "x-forwarded-for", &[STRANGER])).await;
}

pub(super) async fn is_the_same_peer_when_mapped_to_ipv6(bench: &Bench) {
    // A socket of both families tells `::ffff:127.0.0.1`.
    let everywhere = Ipv6Addr::UNSPECIFIED.into();
    let configure = |builder| enforce(builder).allowed_ips(["127.0.0.1"]);
    let receiver = bench.start_at(everywhere, configure).await;
    let webhook = receiver.accepts(&receiver.completed()).await;
    assert_eq!(webhook.client(), Some(IpAddr::from([127, 0, 0, 1])));
    let receiver = bench.start_at(everywhere, behind("x-forwarded-for")).await;
    receiver.accepts(&with(&receiver, "x-forwarded-for", &["::ffff:35.188.196.183"])).await;
}

pub(super) async fn is_unknown_when_a_private_peer_is_no_trusted_proxy(bench: &Bench) {
    let receiver = bench.start(enforce).await;
    receiver.refuses(&receiver.completed(), Reply::SourceUnknown).await;
    assert_eq!(receiver.verifier().unlisted_sources(), 1);
}

pub(super) async fn is_checked_before_the_signature(bench: &Bench) {
    let receiver = bench.start(behind("x-forwarded-for")).await;
    let delivery = with(&receiver, "x-forwarded-for", &[STRANGER]).with_signature("x");
    receiver.refuses(&delivery, Reply::SourceForbidden).await;
    let delivery = with(&receiver, "x-forwarded-for", &[]).with_signature("x");
    receiver.refuses(&delivery, Reply::SourceUnknown).await;
}

pub(super) async fn is_not_believed_from_anyone(bench: &Bench) {
    let receiver = bench.start(enforce).await;
    for name in FORWARDING {
        for value in [
            LISTED,
            "35.188.196.183:443",
            "for=35.188.196.183",
            "for=\"35.188.196.183:443\";proto=https;by=127.0.0.1",
            "::ffff:35.188.196.183",
            "35.188.196.183, 127.0.0.1",
            "127.0.0.1, 35.188.196.183",
        ] {
            receiver.refuses(&with(&receiver, name, &[value]), Reply::SourceUnknown).await;
        }
    }
}

pub(super) async fn is_not_believed_from_a_header_that_is_not_the_configured_one(bench: &Bench) {
    let receiver = bench.start(behind("x-forwarded-for")).await;
    for name in FORWARDING.iter().filter(|name| !name.eq_ignore_ascii_case("x-forwarded-for")) {
        for value in [LISTED, "for=35.188.196.183"] {
            let spoofed = with(&receiver, name, &[value]);
            receiver.refuses(&spoofed, Reply::SourceUnknown).await;
            let true_one = spoofed.header("x-forwarded-for", STRANGER);
            receiver.refuses(&true_one, Reply::SourceForbidden).await;
        }
    }
}

pub(super) async fn is_named_in_x_forwarded_for(bench: &Bench) {
    let receiver = bench.start(behind("X-Forwarded-For")).await;
    for lines in [
        &[LISTED][..],
        &["35.188.196.183, 10.1.2.3"],
        &["35.188.196.183 ,\t10.1.2.3,127.0.0.1"],
        &["::ffff:35.188.196.183"],
        // What stands left of the client anyone can have written.
        &["203.0.113.9, 35.188.196.183"],
        &["garbage, 35.188.196.183, 10.1.2.3"],
        &[STRANGER, LISTED, "10.1.2.3"],
    ] {
        let webhook = receiver.accepts(&with(&receiver, "X-Forwarded-For", lines)).await;
        assert_eq!(webhook.client(), Some(LISTED.parse().unwrap()), "{lines:?}");
    }
}

pub(super) async fn cannot_be_spoofed_in_x_forwarded_for(bench: &Bench) {
    let receiver = bench.start(behind("X-Forwarded-For")).await;
    for lines in [
        &["35.188.196.183, 203.0.113.9"][..],
        &["35.188.196.183, 203.0.113.9, 10.1.2.3"],
        &[LISTED, STRANGER],
        &[LISTED, STRANGER, "10.1.2.3"],
        &["35.188.196.183,2001:db8::1"],
    ] {
        let delivery = with(&receiver, "x-forwarded-for", lines);
        receiver.refuses(&delivery, Reply::SourceForbidden).await;
    }
    for lines in [
        &["35.188.196.183, unknown"][..],
        &["35.188.196.183, "],
        &[LISTED, ""],
        &["35.188.196.183, _hidden, 10.1.2.3"],
        &["35.188.196.183 10.1.2.3"],
        &["for=35.188.196.183"],
        &["035.188.196.183"],
        &["10.1.2.3"],
        &["35.188.196.183\u{a0}"],
        &[],
    ] {
        let delivery = with(&receiver, "x-forwarded-for", lines);
        receiver.refuses(&delivery, Reply::SourceUnknown).await;
    }
}

pub(super) async fn is_named_in_forwarded(bench: &Bench) {
    let receiver = bench.start(behind("Forwarded")).await;
    for lines in [
        &["for=35.188.196.183"][..],
        &["For=35.188.196.183;proto=https, for=10.1.2.3"],
        &["proto=https;for=\"35.188.196.183:443\""],
        &["for=\"[::ffff:35.188.196.183]\""],
        &["for=203.0.113.9", "for=35.188.196.183"],
    ] {
        receiver.accepts(&with(&receiver, "forwarded", lines)).await;
    }
    for lines in
        [&["for=35.188.196.183, for=203.0.113.9"][..], &["for=35.188.196.183", "for=203.0.113.9"]]
    {
        let delivery = with(&receiver, "Forwarded", lines);
        receiver.refuses(&delivery, Reply::SourceForbidden).await;
    }
    for lines in [
        &["for=35.188.196.183, for=unknown"][..],
        &["for=35.188.196.183, for=_x"],
        &["for=35.188.196.183, proto=https"],
        &[LISTED],
        &["by=35.188.196.183"],
        &["for=\"35.188.196.183"],
    ] {
        let delivery = with(&receiver, "Forwarded", lines);
        receiver.refuses(&delivery, Reply::SourceUnknown).await;
    }
}

pub(super) async fn is_named_in_a_header_of_one_address(bench: &Bench) {
    let receiver = bench.start(behind("X-Real-IP")).await;
    receiver.accepts(&with(&receiver, "x-real-ip", &[LISTED])).await;
    receiver.refuses(&with(&receiver, "x-real-ip", &[STRANGER]), Reply::SourceForbidden).await;
    for lines in [&[LISTED, LISTED][..], &["35.188.196.183, 10.1.2.3"], &["x"], &[""], &[]] {
        let delivery = with(&receiver, "X-Real-IP", lines);
        receiver.refuses(&delivery, Reply::SourceUnknown).await;
    }
}

pub(super) async fn is_unknown_behind_lines_that_are_not_text(bench: &Bench) {
    for (header, listed, unlisted) in [
        ("x-forwarded-for", LISTED.to_owned(), "\u{ff}, 203.0.113.9".to_owned()),
        ("forwarded", format!("for={LISTED}"), "for=\u{ff}, for=203.0.113.9".to_owned()),
        ("x-real-ip", LISTED.to_owned(), "\u{ff}".to_owned()),
    ] {
        let receiver = bench.start(behind(header)).await;
        // Latin-1, and so no UTF-8.
        let garbled: Vec<u8> = unlisted.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let delivery = receiver.completed().header(header, listed).header(header, garbled);
        if receiver.has(Quirk::HidesLinesNotUtf8) {
            receiver.accepts(&delivery).await;
        } else {
            receiver.refuses(&delivery, Reply::SourceUnknown).await;
        }
    }
}
