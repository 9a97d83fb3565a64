//! Help, completions, manual page, colours.

use crate::Home;

const COMMANDS: [&str; 12] = [
    "keygen",
    "send",
    "listen",
    "replay",
    "verify",
    "event",
    "vectors",
    "doctor",
    "store",
    "inbox",
    "completions",
    "man",
];

#[tokio::test]
async fn helps_with_every_command() {
    let home = Home::new();
    let output = home.topper(&["--help"]).await;
    assert_eq!(output.code, Some(0));
    assert!(output.stdout.contains("Exit codes:"), "{output:?}");
    for command in COMMANDS {
        assert!(output.stdout.contains(&format!("\n  {command} ")), "{command}");
        for help in ["-h", "--help"] {
            let output = home.topper(&[command, help]).await;
            assert_eq!(output.code, Some(0));
            assert!(output.stdout.contains("\nExample"), "{command}");
        }
    }
    for help in ["-h", "--help"] {
        let output = home.topper(&["store", "check", help]).await;
        assert_eq!(output.code, Some(0));
        // Where a password goes, and what is changed.
        assert!(output.stdout.contains("set TOPPER_STORE_URL instead"), "{output:?}");
        assert!(help == "-h" || output.stdout.contains("Create the file and the tables"));
    }
    assert_eq!(home.topper(&[]).await.code, Some(2));
}

#[tokio::test]
async fn keeps_help_within_80_columns_when_it_can() {
    let home = Home::new();
    for command in COMMANDS {
        let output = home.topper(&[command, "--help"]).await;
        let (before, _) = output.stdout.split_once("\nExample").unwrap();
        for line in before.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
}

#[tokio::test]
async fn completes_in_each_shell() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = home.topper(&["completions", shell]).await;
        assert_eq!(output.code, Some(0));
        assert!(COMMANDS.iter().all(|command| output.stdout.contains(command)), "{shell}");
    }
}

#[tokio::test]
async fn writes_a_manual_page_for_every_command() {
    let home = Home::new();
    let output = home.topper(&["man"]).await;
    assert!(output.stdout.contains(".TH topper 1"), "{output:?}");
    assert_eq!(home.topper(&["man", "--dir", "."]).await.code, Some(0));
    for command in COMMANDS {
        assert!(home.files().contains(&format!("topper-{command}.1")), "{:?}", home.files());
    }
    assert!(home.read("topper-store-check.1").contains("TOPPER_STORE_URL"));
}

#[tokio::test]
async fn colours_only_on_a_terminal_or_when_told_so() {
    let home = Home::new();
    let arguments = ["event", "-"];
    let event = br#"{"id":"1","name":"order:new","data":{}}"#;
    let piped = home.topper_with(&arguments, event).await;
    assert!(!piped.stdout.contains('\u{1b}'), "{piped:?}");
    let told = home.topper_with(&["event", "-", "--color", "always"], event).await;
    assert!(told.stdout.contains("\u{1b}["), "{told:?}");
    let json = home.topper_with(&["event", "-", "--color", "always", "--json"], event).await;
    assert!(!json.stdout.contains('\u{1b}'), "{json:?}");
}

#[tokio::test]
async fn is_quiet_when_nobody_reads_on() {
    let home = Home::new();
    let output = home
        .bash(
            "set -o pipefail; topper send --help | head -n 1; topper completions bash | head -n 1",
        )
        .await;
    assert!(!output.stderr.contains("panic") && !output.stderr.contains("error"), "{output:?}");
}
