//! The examples of the help texts, pasted into a shell.

use topper_testkit::{EventBuilder, TestKey};

use crate::{
    Home,
    doctor::{Behaviour, Endpoint},
    program::{TOPPER, finish},
};

/// The commands under `Example` in a command's help, each on one line.
async fn examples(home: &Home, command: &str) -> Vec<String> {
    // As on a terminal of 80 columns, where a longer line would be broken.
    let mut program = home.command(TOPPER);
    let help = finish(program.args([command, "-h"]).env("COLUMNS", "80").spawn().unwrap(), b"");
    let help = help.await.stdout;
    let (_, examples) = help.split_once("\nExample").unwrap();
    let (_, examples) = examples.split_once(":\n").unwrap();
    let lines = examples.lines().take_while(|line| line.starts_with("  "));
    let text: Vec<&str> = lines.collect();
    let text = text.join("\n").replace("\\\n", " ");
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[tokio::test]
async fn of_commands_that_send_nothing_work_when_pasted() {
    let home = Home::new();
    let key = TestKey::generate();
    home.write("topper.jwk", r#"{"x":"7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg","y":"dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU","alg":"ES256","crv":"P-256","kid":"15a5142e-c20f-466e-8132-234dbdae97e7","kty":"EC"}"#);
    home.write("token.txt", "eyJhbGciOiJFUzI1NiJ9..2H0Ypm5sVzuSpgyZySdAJan05lYxctqhmO8btghFQQzkisvSlNvNWzQ1kqTPXTLP_dR4zQZrTsSsShAK51I4EQ\n");
    home.write("body.json", r#"{"foo":"bar"}"#);
    let verify = examples(&home, "verify").await;
    assert_eq!(verify.len(), 1, "{verify:?}");
    assert_eq!(home.bash(&verify[0]).await.code, Some(0));
    home.write("body.json", EventBuilder::new(topper_core::EventName::UserCreated).to_json());
    let vector = format!(
        r#"{{"key_jwk":{},"body_b64":"e30","jws":"{}","alg":"ES256","expect":"accept","debatable":null}}"#,
        key.public_jwk(),
        key.sign(b"{}")
    );
    home.write("signatures.jsonl", vector);
    home.write("store-url.txt", "sqlite://topper.db\n");
    for (command, count) in
        [("keygen", 2), ("event", 2), ("vectors", 1), ("store", 2), ("completions", 1), ("man", 2)]
    {
        let examples = examples(&home, command).await;
        assert_eq!(examples.len(), count, "{examples:?}");
        for example in examples {
            let output = home.bash(&example).await;
            // The one of an event that is not known says so.
            let code = if example.contains("user:renamed") { 1 } else { 0 };
            assert_eq!(output.code, Some(code), "{example}: {output:?}");
        }
    }
    assert_eq!(home.read("my-key.pub.jwk").trim_end(), {
        TestKey::from_jwk(&home.read("my-key.jwk")).unwrap().public_jwk()
    });
}

#[tokio::test]
async fn of_listen_work_when_pasted() {
    let home = Home::new();
    let examples = examples(&home, "listen").await;
    assert_eq!(examples.len(), 3, "{examples:?}");
    for example in examples {
        // On a port that is free, and to an end.
        let port = if example.contains("--port") { "" } else { " --port 0" };
        let example = example.replace("--port 4001", "--port 0");
        let line = format!("timeout --preserve-status -s INT 1 {example}{port}");
        let output = home.bash(&line).await;
        assert_eq!(output.code, Some(0), "{line}: {output:?}");
        assert!(output.stderr.starts_with("listening on http://127.0.0.1:"), "{output:?}");
    }
}

#[tokio::test]
async fn of_inspect_work_when_pasted() {
    let home = Home::new();
    let listening = home.listen(&["--save", "deliveries.jsonl"]).await;
    home.topper(&["send", "user:created", "--to", &listening.url]).await;
    listening.end().await;
    let examples = examples(&home, "inspect").await;
    assert_eq!(examples.len(), 4, "{examples:?}");
    let file = examples.iter().find(|example| example.contains("deliveries.jsonl")).unwrap();
    // On a port that is free, and to an end.
    let line = format!("timeout --preserve-status -s INT 1 {file} --ui-port 0");
    let output = home.bash(&line).await;
    assert_eq!(output.code, Some(0), "{line}: {output:?}");
    assert!(output.stderr.contains("open http://127.0.0.1:"), "{output:?}");
}

#[tokio::test]
async fn of_doctor_work_when_pasted() {
    let home = Home::new();
    let examples = examples(&home, "doctor").await;
    let [keygen, receiver, doctor] = examples.as_slice() else { panic!("{examples:?}") };
    assert_eq!(home.bash(keygen).await.code, Some(0));
    assert!(receiver.starts_with("TOPPER_WEBHOOK_PUBLIC_KEY="), "{receiver}");
    let endpoint = Endpoint::start(&home.read("doctor.pub.jwk"), Behaviour::Good).await;
    let doctor = doctor.replace("http://127.0.0.1:3000", &endpoint.origin);
    let output = home.bash(&doctor).await;
    assert_eq!(output.code, Some(0), "{doctor}: {output:?}");
}

#[tokio::test]
async fn of_commands_that_send_work_when_pasted() {
    let home = Home::new();
    let listening = home.listen(&["--save", "deliveries.jsonl"]).await;
    for (command, count) in [("send", 3), ("replay", 1)] {
        let examples = examples(&home, command).await;
        assert_eq!(examples.len(), count, "{examples:?}");
        for example in examples {
            let example = example.replace("http://127.0.0.1:4000", &listening.url);
            let output = home.bash(&example).await;
            assert_eq!(output.code, Some(0), "{example}: {output:?}");
        }
    }
}
