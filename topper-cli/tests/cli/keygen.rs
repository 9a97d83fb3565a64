//! `topper keygen`

use std::os::unix::fs::PermissionsExt as _;

use topper_core::KeySet;
use topper_testkit::TestKey;

use crate::Home;

#[tokio::test]
async fn writes_the_private_key_for_its_owner_only_and_prints_the_public_one() {
    let home = Home::new();
    let output = home.topper(&["keygen", "key.jwk"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let mode = std::fs::metadata(home.path("key.jwk")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = TestKey::from_jwk(&home.read("key.jwk")).unwrap();
    assert_eq!(output.stdout.trim_end(), key.public_jwk());
    KeySet::parse(&output.stdout).unwrap();
    assert!(!output.stderr.contains("\"d\""), "{output:?}");
    assert_eq!(home.files(), ["key.jwk"]);
}

#[tokio::test]
async fn writes_over_no_key_unless_told_so() {
    let home = Home::new();
    home.topper(&["keygen", "key.jwk"]).await;
    let first = home.read("key.jwk");
    let output = home.topper(&["keygen", "key.jwk"]).await;
    assert_eq!((output.code, home.read("key.jwk") == first), (Some(2), true));
    assert!(output.stderr.contains("key.jwk: already exists"), "{output:?}");
    let output = home.topper(&["keygen", "key.jwk", "--force"]).await;
    assert_eq!((output.code, home.read("key.jwk") == first), (Some(0), false));
    assert_eq!(home.files(), ["key.jwk"]);
}

#[tokio::test]
async fn prints_the_private_key_when_asked() {
    let home = Home::new();
    let output = home.topper(&["keygen", "key.jwk", "--print-private"]).await;
    assert_eq!(output.stdout, home.read("key.jwk"));
    let output = home.topper(&["keygen", "--public", "key.jwk"]).await;
    assert_eq!(
        output.stdout.trim_end(),
        TestKey::from_jwk(&home.read("key.jwk")).unwrap().public_jwk()
    );
}

#[tokio::test]
async fn makes_the_shared_test_key_once() {
    let home = Home::new();
    let (one, other) =
        tokio::join!(home.topper(&["keygen", "--public"]), home.topper(&["keygen", "--public"]));
    assert_eq!((one.code, &one.stdout), (Some(0), &other.stdout));
    let path = home.path(".config/topper/test-key.jwk");
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn prints_an_object_for_programs() {
    let home = Home::new();
    let output = home.topper(&["keygen", "key.jwk", "--json"]).await;
    let object = output.objects().remove(0);
    assert_eq!(object["file"], "key.jwk");
    KeySet::parse(&object["public_jwk"].to_string()).unwrap();
}

#[tokio::test]
async fn names_the_file_that_cannot_be_used() {
    let home = Home::new();
    home.write("bad.jwk", "{}");
    for (file, reason) in [("bad.jwk", "not the private JWK"), ("none.jwk", "No such file")] {
        let output = home.topper(&["keygen", "--public", file]).await;
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        assert!(output.stderr.contains(file) && output.stderr.contains(reason), "{output:?}");
    }
    assert_eq!(home.topper(&["keygen"]).await.code, Some(2));
    assert_eq!(home.topper(&["keygen", "none/key.jwk"]).await.code, Some(2));
}
