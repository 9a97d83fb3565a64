//! `topper verify`

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use topper_testkit::{EventBuilder, Fault, TestKey};

use crate::{Home, program::Output};

/// What `topper verify` says to a token and a body, for a key in `key.pub.jwk`.
async fn verify(home: &Home, token: &str, body: &[u8]) -> Output {
    home.topper_with(&["verify", "--jwk", "key.pub.jwk", "--signature", token, "-"], body).await
}

fn body() -> String {
    let event = EventBuilder::new(topper_core::EventName::UserCreated)
        .add("data.url", "https://example.com/é?a=>>>???");
    String::from_utf8(event.to_json()).unwrap()
}

fn home(key: &TestKey) -> Home {
    let home = Home::new();
    home.write("key.pub.jwk", key.public_jwk());
    home
}

#[tokio::test]
async fn says_yes_and_names_the_key() {
    let key = TestKey::generate();
    let home = home(&key);
    let json = body();
    let output = verify(&home, &key.sign(json.as_bytes()), json.as_bytes()).await;
    assert_eq!(output.code, Some(0));
    assert_eq!(output.stdout, format!("yes  signed by {} (ES256)\n", key.key_id()));

    home.write("token", format!("{}\n", key.sign(b"{}")));
    home.write("body", "{}");
    let arguments = ["verify", "--jwk", "key.pub.jwk", "--signature", "@token", "body"];
    let output = home.topper(&arguments).await;
    assert!(output.stdout.contains("the body is not an event"), "{output:?}");
    let object = home.topper(&[&arguments[..], &["--json"]].concat()).await.objects().remove(0);
    assert_eq!((object["verdict"].as_str(), object["event"].as_bool()), (Some("yes"), Some(false)));
}

#[tokio::test]
async fn explains_what_happened_to_the_body() {
    let key = TestKey::generate();
    let home = home(&key);
    let json = body();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let pretty = format!("{value:#}");
    let crlf = pretty.replace('\n', "\r\n");
    let escaped = json.replace('é', "\\u00e9");
    let slashes = json.replace('/', "\\/");
    for (signed, came, holds) in [
        (&json, pretty.clone(), "with the JSON minified"),
        (&pretty, json.clone(), "with the JSON indented by two spaces"),
        (&json, format!("{json}\n"), "without the line break at the end"),
        (&json, format!("{json}\r\n"), "without the line break at the end"),
        (&format!("{json}\n"), json.clone(), "with a line break (LF) at the end"),
        (&json, format!("\u{feff}{json}"), "without the byte order mark"),
        (&pretty, crlf.clone(), "with LF instead of CRLF"),
        (&crlf, pretty.clone(), "with CRLF instead of LF"),
        (&json, escaped.clone(), "with characters instead of \\u escapes"),
        (&escaped, json.clone(), "with \\u escapes instead of characters"),
        (&json, slashes.clone(), "with slashes that are not escaped"),
        (&slashes, json.clone(), "with escaped slashes"),
        (
            &json,
            format!("\u{feff}{pretty}\n"),
            "without the byte order mark and with the JSON minified",
        ),
    ] {
        let output = verify(&home, &key.sign(signed.as_bytes()), came.as_bytes()).await;
        assert_eq!(output.code, Some(1));
        let text = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.starts_with("no signature does not match"), "{text}");
        assert!(text.contains(&format!("The signature matches {holds}")), "{holds}: {text}");
    }
}

#[tokio::test]
async fn explains_what_happened_to_the_token() {
    let key = TestKey::generate();
    let home = home(&key);
    let json = body();
    let forged = |fault: &str| {
        let delivery = Fault::named(fault).unwrap().forge(&key, json.as_bytes());
        let (_, token) = delivery.headers.last().unwrap().clone();
        String::from_utf8(token).unwrap()
    };
    for (token, holds) in [
        (forged("standard_alphabet"), "URL-safe base64"),
        (forged("padded_signature"), "URL-safe base64"),
        (forged("attached_payload"), "without the payload in the token"),
        (forged("der_signature"), "r and s of 32 bytes"),
        (forged("quoted_token"), "without the text around the token"),
        (forged("bearer_scheme"), "without the text around the token"),
        (format!("X-Topper-JWS-Signature: {}", key.sign(json.as_bytes())), "the text around"),
    ] {
        let output = verify(&home, &token, json.as_bytes()).await;
        assert_eq!(output.code, Some(1), "{token}");
        assert!(output.stdout.contains(holds), "{holds}: {output:?}");
    }
    let attached = forged("attached_payload");
    let output = verify(&home, &attached, b"{}").await;
    let text = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("for the payload inside the token"), "{text}");
}

#[tokio::test]
async fn explains_a_signer_that_encodes_in_another_way() {
    let key = TestKey::generate();
    let home = home(&key);
    let json = body();
    // What a body is signed over when it is encoded in this way.
    let signed = |payload: &str| key.sign_unencoded(r#"{"alg":"ES256"}"#, payload.as_bytes());
    let standard = STANDARD.encode(&json);
    assert_ne!(standard.trim_end_matches('='), URL_SAFE_NO_PAD.encode(&json));
    for (payload, holds) in [
        (standard.as_str(), "with the body in standard base64"),
        (standard.trim_end_matches('='), "with the body in standard base64"),
        (json.as_str(), "with the body itself instead of its base64"),
    ] {
        let output = verify(&home, &signed(payload), json.as_bytes()).await;
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.contains(holds), "{holds}: {output:?}");
    }
}

#[tokio::test]
async fn finds_the_key_of_another_endpoint() {
    let (key, other) = (TestKey::generate(), TestKey::generate());
    let home = home(&key);
    home.write("other.jwk", other.public_jwk());
    home.write("third.jwk", TestKey::generate().public_jwk());
    let token = other.sign(b"{}");
    let arguments = [
        "verify",
        "--jwk",
        "key.pub.jwk",
        "--jwk",
        "third.jwk",
        "--jwk",
        "other.jwk",
        "--signature",
        &token,
        "-",
    ];
    let output = home.topper_with(&arguments, b"{}").await;
    assert_eq!(output.code, Some(1));
    assert!(
        output.stdout.contains("The signature matches with the key of other.jwk."),
        "{output:?}"
    );

    let renamed = key.sign_with_header(r#"{"alg":"ES256","kid":"new"}"#, b"{}");
    let output = verify(&home, &renamed, b"{}").await;
    assert!(output.stdout.contains("if `kid` is ignored"), "{output:?}");
}

/// Where only the token breaks a rule, neither the body nor its encoding is to blame.
#[tokio::test]
async fn blames_the_token_where_key_and_body_are_right() {
    let key = TestKey::generate();
    let home = home(&key);
    let json = body();
    for header in [r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, "{}", "x"] {
        let token = key.sign_with_header(header, json.as_bytes());
        let output = verify(&home, &token, json.as_bytes()).await;
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.contains("The key and the body are right"), "{output:?}");
        assert!(!output.stdout.contains("base64"), "{output:?}");
    }
    let token = format!("{}!", key.sign(json.as_bytes()));
    let output = verify(&home, &token, json.as_bytes()).await;
    assert!(output.stdout.contains("not part of URL-safe base64"), "{output:?}");
}

#[tokio::test]
async fn says_so_when_nothing_explains_it() {
    let key = TestKey::generate();
    let home = home(&key);
    let json = body();
    let token = TestKey::generate().sign(json.as_bytes());
    let output = verify(&home, &token, json.as_bytes()).await;
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains("None of the usual causes"), "{output:?}");
    for (token, reason) in
        [("", "not a detached JWS"), ("é..", "not a detached JWS"), ("a..b", "base64url")]
    {
        let output = verify(&home, token, b"{}").await;
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.contains(reason), "{output:?}");
    }
    let output = verify(&home, token.get(..token.len() - 9).unwrap(), json.as_bytes()).await;
    assert!(output.code == Some(1) && output.stdout.contains("cut short"), "{output:?}");
    home.write("token.txt", &token);
    let output = verify(&home, "token.txt", json.as_bytes()).await;
    assert!(output.code == Some(2) && output.stderr.contains("write `@`"), "{output:?}");
    let object = home
        .topper_with(&["verify", "--jwk", "key.pub.jwk", "--signature", &token, "-", "--json"], b"")
        .await
        .objects()
        .remove(0);
    assert_eq!(
        (object["verdict"].as_str(), object["holds"].as_array().unwrap().len()),
        (Some("no"), 0)
    );
}

#[tokio::test]
async fn takes_the_key_of_the_environment_and_knows_the_test_key() {
    let home = Home::new();
    let key = TestKey::generate();
    let test = home.topper(&["keygen", "--public"]).await.stdout;
    let test_key = TestKey::from_jwk(&home.read(".config/topper/test-key.jwk")).unwrap();
    assert_eq!(test.trim_end(), test_key.public_jwk());
    let line = |token: &str| {
        format!(
            "export TOPPER_WEBHOOK_PUBLIC_KEY='{}'; printf '{{}}' | topper verify --signature '{token}' -",
            key.public_jwk()
        )
    };
    assert_eq!(home.bash(&line(&key.sign(b"{}"))).await.code, Some(0));
    let output = home.bash(&line(&test_key.sign(b"{}"))).await;
    assert!(output.stdout.contains("the test key of `topper send`"), "{output:?}");
}

/// What one person sends, another reads: neither time nor memory may grow far beyond the body.
#[tokio::test]
async fn takes_little_time_and_memory_for_any_body() {
    let home = home(&TestKey::generate());
    let token = TestKey::generate().sign(b"{}");
    let deep = |opened: &str, bytes: usize| opened.repeat(bytes / opened.len());
    let name = "a".repeat(500_000);
    for body in [
        deep("[", 120_000),
        deep("{\"é/\":", 120_000),
        deep("[[],", 120_000),
        deep("\"\\u00e9\\/\r\n", 120_000),
        deep("[", 16_000_000),
        format!("{{\"id\":\"1\",\"name\":\"x\",\"{name}\":[{}0]}}", "0,".repeat(9000)),
    ] {
        home.write("body", &body);
        let limits = "ulimit -d 400000; timeout 20 topper";
        let verify = format!("{limits} verify --jwk key.pub.jwk --signature {token} body");
        let output = home.bash(&verify).await;
        assert_eq!(output.code, Some(1), "{:.20}: {output:?}", body);
        let output = home.bash(&format!("{limits} event body | cut -c 1-200")).await;
        assert!(output.code == Some(0) && !output.stdout.is_empty(), "{:.20}: {output:?}", body);
    }
}
