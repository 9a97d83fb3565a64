//! `topper token`

use serde_json::json;
use topper_testkit::TestKey;

use crate::{Home, program::Output};

const ADDRESS: &str = "0x52908400098527886E0F7030069857D2E4169EE7";
const BUY: [&str; 6] = ["--spend", "100.00", "--currency", "USD", "--asset", "ETH"];
const WIDGET: [&str; 8] = [
    "--environment",
    "sandbox",
    "--widget-id",
    "b0a1e8c2-6d0f-4b8e-9a39-2b8f5d1c7e64",
    "--key-id",
    "3f2c9d4e-8a57-4d0b-b6f1-0c5e7a9d1b23",
    "--key",
    "key.jwk",
];

/// A folder with a private key and its public one.
async fn home() -> Home {
    let home = Home::new();
    let key = home.topper(&["keygen", "key.jwk"]).await;
    home.write("key.pub.jwk", key.stdout);
    home
}

async fn make(home: &Home, arguments: &[&str]) -> Output {
    home.topper(&[&["token", "make"], arguments, &WIDGET].concat()).await
}

async fn inspect(home: &Home, arguments: &[&str]) -> Output {
    home.topper(&[&["token", "inspect"], arguments].concat()).await
}

#[tokio::test]
async fn makes_a_token_that_breaks_no_rule() {
    let home = home().await;
    let wallet = ["--network", "ethereum", "--address", ADDRESS, "--id", "session-1"];
    let made = make(&home, &[&BUY[..], &wallet].concat()).await;
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), "token id: session-1\n"), "{made:?}");
    home.write("token.txt", &made.stdout);
    let found = inspect(&home, &["@token.txt", "--jwk", "key.pub.jwk"]).await;
    assert_eq!(found.code, Some(0), "{found:?}");
    for expected in
        ["id (jti)      session-1", "crypto_onramp", ADDRESS, "signed", "breaks no rule"]
    {
        assert!(found.stdout.contains(expected), "{expected}: {found:?}");
    }
    let found = inspect(&home, &["--json", "@token.txt"]).await;
    let object = &found.objects()[0];
    assert_eq!(object["claims"]["source"], json!({"amount": "100.00", "asset": "USD"}));
    assert_eq!(object["findings"], json!([]));
}

#[tokio::test]
async fn opens_the_sandbox_with_a_token_for_either_flow() {
    let home = home().await;
    for amount in [
        &["--sell", "25", "--asset", "ETH"][..],
        &["--receive", "25", "--edit-mode", "all-editable"],
        &[
            "--spend",
            "9.5",
            "--currency",
            "EUR",
            "--edit-mode",
            "all-editable",
            "--claim",
            "new={}",
        ],
    ] {
        let made = make(&home, &[amount, &["--url"]].concat()).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        let url = made.stdout.trim_end();
        assert!(url.starts_with("https://app.sandbox.topperpay.com/?bt=ey"), "{made:?}");
        let found = inspect(&home, &[url]).await;
        assert_eq!(found.code, Some(0), "{found:?}");
    }
}

#[tokio::test]
async fn needs_what_the_edit_mode_requires() {
    let home = home().await;
    let made = make(&home, &BUY).await;
    let expected = "error: --edit-mode not-editable needs --network, --address\n";
    assert_eq!((made.code, made.stderr.as_str()), (Some(2), expected));
    let both = [&BUY[..], &["--receive", "1"]].concat();
    for (arguments, expected) in [(&both[..], "cannot be used with"), (&[], "give an amount")] {
        let made = make(&home, arguments).await;
        assert_eq!(made.code, Some(2), "{made:?}");
        assert!(made.stderr.contains(expected), "{made:?}");
    }
}

#[tokio::test]
async fn names_each_rule_that_a_token_breaks() {
    let home = home().await;
    let key = TestKey::from_jwk(&home.read("key.jwk")).unwrap();
    let claims = json!({
        "iat": 1_700_000_000, "sub": "w", "jti": "j", "recipientEditMode": "all-editable",
        "source": {"amount": "1", "asset": "USD"}, "target": {"amount": "1"},
        "partner": {"fee": {"percentage": "6"}}, "key": {"kty": "EC", "d": "c2VjcmV0"},
    });
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": "k"});
    let detached = key.sign_with_header(header.to_string(), claims.to_string().as_bytes());
    let payload = base64(&claims.to_string());
    let token = detached.replacen("..", &format!(".{payload}."), 1);
    let found = inspect(&home, &[&token, "--jwk", "key.pub.jwk"]).await;
    assert_eq!(found.code, Some(1), "{found:?}");
    let text: String = found.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "signed by the key",
        "are both there: keep exactly one",
        "`recipientEditMode` is at the wrong place: it belongs at `target.recipientEditMode`",
        "`partner.fee.percentage`",
        "private key",
        " ago",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("c2VjcmV0"), "{text}");
    let found = inspect(&home, &["not-a-token"]).await;
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.stdout.contains("not a signed JWT"), "{found:?}");
}

#[tokio::test]
async fn shows_no_key_whatever_is_wrong_with_it() {
    let home = home().await;
    let private = home.read("key.jwk");
    let secret = serde_json::from_str::<serde_json::Value>(&private).unwrap()["d"].clone();
    let secret = secret.as_str().unwrap();
    home.write("key.jwk", private.replace("P-256", "P-384"));
    let made = make(&home, &[&BUY[..], &["--edit-mode", "all-editable"]].concat()).await;
    assert_eq!(made.code, Some(2), "{made:?}");
    assert!(!format!("{made:?}").contains(secret.get(..8).unwrap()), "{made:?}");
    home.write("key.jwk", home.read("key.pub.jwk"));
    let made = make(&home, &[&BUY[..], &["--edit-mode", "all-editable"]].concat()).await;
    assert!(made.stderr.contains("public"), "{made:?}");
}

fn base64(text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(text)
}
