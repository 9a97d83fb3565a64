//! On a terminal of a given width, which `script` makes.

use super::{Receiver, one_of_each};
use crate::program::{Output, TOPPER, finish};

/// Runs it on a terminal, and types.
async fn typed(receiver: &Receiver, columns: u16, line: &str, text: &str) -> Output {
    let mut command = receiver.home.command("script");
    let line =
        format!("stty rows 24 cols {columns}; {TOPPER} inbox {line} --store sqlite://topper.db");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    finish(command.spawn().unwrap(), text.as_bytes()).await
}

/// What is seen of a line: after a carriage return it is written over from its beginning.
fn screen(line: &str) -> String {
    let mut seen: Vec<char> = Vec::new();
    for part in line.split('\r') {
        let part: Vec<char> = part.chars().collect();
        let rest = seen.split_off(part.len().min(seen.len()));
        seen = part.into_iter().chain(rest).collect();
    }
    seen.into_iter().collect::<String>().trim_end().to_owned()
}

#[tokio::test]
async fn asks_before_it_changes_anything() {
    let receiver = one_of_each().await;
    for (text, code) in [("n\n", 1), ("\n", 1), ("maybe\n", 1)] {
        let output = typed(&receiver, 80, "retry --state dead", text).await;
        assert_eq!(output.code, Some(code), "{output:?}");
        assert!(output.stdout.contains("Retry 1 event? [y/N]"), "{output:?}");
        assert!(output.stdout.contains("nothing was changed"), "{output:?}");
    }
    assert_eq!(receiver.ids(&["--state", "dead"]).await, ["dead"]);
    let output = typed(&receiver, 80, "retry --state dead", "y\n").await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.ends_with("1 event retried\r\n"), "{output:?}");
    assert_eq!(receiver.ids(&["--state", "dead"]).await, [""; 0]);
    let output = typed(&receiver, 80, "retry --state done", "n\n").await;
    assert!(output.stdout.contains("Process 1 event again?"), "{output:?}");
}

#[tokio::test]
async fn keeps_within_the_terminal() {
    let receiver = one_of_each().await;
    for columns in [60, 80, 120, 200] {
        for line in ["list", "stats", "order in-work"] {
            let output = typed(&receiver, columns, &format!("{line} --color never"), "").await;
            let lines: Vec<_> = output.stdout.lines().map(screen).collect();
            assert!(lines.len() > 3, "{output:?}");
            for line in &lines {
                assert!(
                    line.chars().count() <= usize::from(columns),
                    "{columns}: {line:?} {output:?}"
                );
            }
        }
    }
}
