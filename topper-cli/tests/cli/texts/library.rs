//! What the libraries say below the program, through the commands that show it.

use topper_core::{EventName, protocol::SIGNATURE_HEADER};
use topper_testkit::{EventBuilder, TestKey};

use super::session::{Given, Session};

/// Whatever is wrong with a signature, for which no cause is found.
pub(super) async fn verify(session: &mut Session, key: &TestKey) {
    session
        .section("topper verify", "Signatures that break a rule (RFC 7515), and other mistakes.");
    let body = session.home.read("body.json");
    let good = key.sign(body.as_bytes());
    let header = |header: &str| key.sign_with_header(header, body.as_bytes());
    // `B` as the last of 66 has bits that no byte uses. One signature in 16 would have none there, and be
    // refused for another reason.
    let cut = format!("{}B", good.get(..good.len() - 21).unwrap());
    let odd = format!("{}!", good.get(..good.len() - 1).unwrap());
    for (note, token) in [
        ("empty", String::new()),
        ("not a token", "nonsense".to_owned()),
        ("the signature of another body", key.sign(b"{}")),
        ("a token whose end is missing", cut),
        ("a token with a character that base64url does not have", odd),
        ("a token of over 8 KiB", format!("{}{good}", "A".repeat(8200))),
        ("a header that is not JSON", header("x")),
        ("a header with a field twice", header(r#"{"alg":"ES256","alg":"ES256"}"#)),
        ("a header with `crit`", header(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#)),
        ("a header without `alg`", header("{}")),
        ("a header with `alg` of another key", header(r#"{"alg":"RS256"}"#)),
        ("a signature of the wrong length", good.replace("..", "..AAAA")),
        ("the whole line of the header", format!("{SIGNATURE_HEADER}: {good}")),
    ] {
        session.home.write("token", token);
        let arguments = ["verify", "--jwk", "key.pub.jwk", "--signature", "@token", "body.json"];
        session.run_noted(note, &arguments, Given::default()).await;
    }
    session.home.write("text", "x");
    session.home.write("token", key.sign(b"x"));
    let arguments = ["verify", "--jwk", "key.pub.jwk", "--signature", "@token", "text"];
    session.run_noted("signed, but not an event", &arguments, Given::default()).await;
    for (note, token) in
        [("the name of a file without `@`", "token"), ("a file that is missing", "@none.txt")]
    {
        let arguments = ["verify", "--jwk", "key.pub.jwk", "--signature", token, "body.json"];
        session.run_noted(note, &arguments, Given::default()).await;
    }
}

/// Whatever is wrong with an event.
pub(super) async fn event(session: &mut Session) {
    session.section("topper event", "");
    let bodies = [
        &b"\xff"[..],
        b"",
        b"[]",
        b"{",
        br#"{"name":"x","data":{}}"#,
        br#"{"id":"","name":"x","data":{}}"#,
        br#"{"id":1,"name":"x","data":{}}"#,
        br#"{"id":"1","data":{}}"#,
        br#"{"id":"1","name":null,"data":{}}"#,
        br#"{"id":"1","name":"x"}"#,
        br#"{"id":"1","name":"x","name":"y","data":{}}"#,
        br#"{"id":"1","name":"order:new","data":{}}"#,
        br#"{"id":"1","name":"user:created"}"#,
        br#"{"id":"1","name":"user:created","data":"x"}"#,
    ];
    for body in bodies {
        let note = format!("the body {}", String::from_utf8_lossy(body).escape_default());
        let note = note.replace("\\\"", "\"");
        session.run_noted(&note, &["event", "-"], Given { stdin: body, ..Given::default() }).await;
    }
    let event = || EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    for (note, event) in [
        ("without data.destination.amount", event().remove("data.destination.amount")),
        ("with a number as data.status", event().set("data.status", 1)),
        ("with text as data.origin.amount", event().set("data.origin.amount", "much")),
        ("with text as data.fees", event().set("data.fees", "none")),
        ("with text as a fee", event().set("data.fees.0", "none")),
    ] {
        let note = format!("an event {note}");
        let body = event.to_json();
        let given = Given { stdin: &body, first_line: true, ..Given::default() };
        session.run_noted(&note, &["event", "-"], given).await;
    }
}

/// Whatever is in a file instead of a public key.
pub(super) async fn public_keys(session: &mut Session, key: &TestKey) {
    session.section(
        "Public keys",
        "What `listen` and `verify` say about a file or a variable that is not a public key.",
    );
    let public = key.public_jwk();
    let point = "04".repeat(8);
    let pem =
        |label: &str, text: &str| format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----");
    let jwk = |from: &str, to: &str| public.replacen(from, to, 1);
    for (note, text) in [
        ("empty", String::new()),
        ("a file name", "/etc/topper/key.jwk".to_owned()),
        ("a URL", "https://example.com/key.jwk".to_owned()),
        ("the name of a secret", "arn:aws:secretsmanager:eu-west-1:1:secret:topper".to_owned()),
        ("a placeholder", "<paste the key here>".to_owned()),
        ("an assignment", "TOPPER_WEBHOOK_PUBLIC_KEY=x".to_owned()),
        ("a missing value", "undefined".to_owned()),
        ("a web page", "<!doctype html><html></html>".to_owned()),
        ("an error", r#"{"message":"not found"}"#.to_owned()),
        ("a discovery document", r#"{"issuer":"https://example.com"}"#.to_owned()),
        ("a certificate", pem("CERTIFICATE", "AAAA")),
        ("a private key", pem("PRIVATE KEY", "AAAA")),
        ("another PEM block", pem("X509 CRL", "AAAA")),
        ("two PEM blocks", format!("{0}\n{0}", pem("PUBLIC KEY", "AAAA"))),
        ("half a PEM block", "-----BEGIN PUBLIC KEY-----\nAAAA".to_owned()),
        ("an SSH key", "ssh-ed25519 AAAA me".to_owned()),
        ("the id of a key", "15a5142e-c20f-466e-8132-234dbdae97e7".to_owned()),
        ("hexadecimal digits", point),
        ("a token", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA".to_owned()),
        ("another service's secret", "whsec_AAAAAAAAAAAAAAAA".to_owned()),
        ("a secret", "correcthorsebatterystaple".to_owned()),
        ("a JWK without its quotation marks", public.replace('"', "")),
        ("a JWK with single quotation marks", public.replace('"', "'")),
        ("a JWK with typographic quotation marks", public.replace('"', "\u{201d}")),
        ("the start of a JWK", public.get(..50).unwrap().to_owned()),
        ("a list of keys", format!("[{public}]")),
        ("an empty object", "{}".to_owned()),
        ("another object", r#"{"key":1}"#.to_owned()),
        ("any other text", "no key".to_owned()),
        ("JSON with a mistake", public.replacen(':', "", 1)),
        ("a private JWK", super::messages::PRIVATE.to_owned()),
        ("another `kty`", jwk("\"EC\"", "\"OKP\"")),
        ("another `crv`", jwk("P-256", "P-521")),
        ("`use` for encryption", jwk("{", r#"{"use":"enc","#)),
        ("`key_ops` without verify", jwk("{", r#"{"key_ops":["sign"],"#)),
        ("an RSA key without `alg`", r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_owned()),
        ("a small RSA key", r#"{"kty":"RSA","alg":"RS256","n":"AQAB","e":"AQAB"}"#.to_owned()),
        ("another `alg`", jwk("ES256", "HS256")),
        ("no `x`", jwk("\"x\"", "\"a\"")),
        ("a short `x`", jwk("\"f83O", "\"")),
        ("not a point on the curve", jwk("\"f83OJ", "\"f83OK")),
        ("a field twice", jwk("{", r#"{"kty":"EC","#)),
        ("an empty set", r#"{"keys":[]}"#.to_owned()),
        ("a set without a usable key", r#"{"keys":[{"kty":"oct"}]}"#.to_owned()),
    ] {
        session.home.write("key", text);
        session.run_noted(note, &["listen", "--jwk", "key"], Given::default()).await;
    }
    let variables = [("TOPPER_WEBHOOK_PUBLIC_KEY_FILE", "key.pub.jwk")];
    let arguments = ["verify", "--signature", "x", "body.json"];
    session.run_with(&arguments, Given { variables: &variables, ..Given::default() }).await;
}

/// Whatever is wrong with a store that needs no server.
pub(super) async fn stores(session: &mut Session) {
    session.section("topper store check", "Servers of PostgreSQL and Redis have more to say.");
    session.run(&["store", "check"]).await;
    for url in [
        "sqlite://topper.db",
        "memory:",
        "sqlite://",
        "sqlite::memory:",
        "sqlite:///none/topper.db",
        "sqlite://binary",
        "sqlite://topper.db?mode=x",
        "mysql://host/database",
        "nonsense",
        "postgres://user:a/b@host/database",
        "postgres://user@host:x/database",
        "postgres:///database#1",
        "postgres://host/database?sslmode=on",
        "postgres://host/database?colour=red",
        "postgres://host/database?sslmode",
        "postgres://host/%ff",
        "postgres://host/database?sslmode=verify-full&sslrootcert=none.pem",
        "redis://a,b/0",
        "redis:///0",
        "redis://127.0.0.1:9/0",
    ] {
        session.run(&["store", "check", url]).await;
    }
}
