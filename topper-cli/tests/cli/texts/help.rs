//! `docs/command-line/help.txt`: what `--help` prints.

use super::{FOLDER, expect};
use crate::{
    Home,
    program::{TOPPER, finish},
};

const WIDTH: usize = 80;

async fn help(home: &Home, command: &[String], columns: usize) -> String {
    let mut program = home.command(TOPPER);
    program.args(command).arg("--help").env("COLUMNS", columns.to_string());
    let output = finish(program.spawn().unwrap(), b"").await;
    assert_eq!(output.code, Some(0), "{output:?}");
    output.stdout
}

/// The subcommands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  "));
    let names = names.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn of_each_command_is_in_a_file_and_fits_80_columns() {
    let home = Home::new();
    let mut text = String::new();
    let mut left = vec![Vec::new()];
    let mut count = 0;
    while let Some(command) = left.pop() {
        let help = help(&home, &command, WIDTH).await;
        let name = ["topper".to_owned()].into_iter().chain(command.clone()).collect::<Vec<_>>();
        let name = name.join(" ");
        for line in help.lines() {
            assert!(line.chars().count() <= WIDTH, "{name}: {line}");
        }
        let line = "=".repeat(WIDTH);
        text.push_str(&format!("{line}\n$ {name} --help\n{line}\n{}\n\n", help.trim_end()));
        for subcommand in subcommands(&help).into_iter().rev() {
            left.push([&command[..], &[subcommand]].concat());
        }
        count += 1;
    }
    assert!(count > 20, "{count} commands");
    expect("help.txt", &format!("{}\n", text.trim_end()));
}

/// A command that is broken in two cannot be pasted.
#[tokio::test]
async fn has_examples_that_no_line_break_cuts() {
    let home = Home::new();
    let mut left = vec![Vec::new()];
    while let Some(command) = left.pop() {
        let (narrow, wide) = (help(&home, &command, WIDTH).await, help(&home, &command, 100).await);
        for line in wide.lines().filter(|line| line.starts_with("  topper ")) {
            assert!(narrow.lines().any(|other| other == line), "{line}");
        }
        left.extend(subcommands(&wide).into_iter().map(|it| [&command[..], &[it]].concat()));
    }
}

/// `docs/command-line/index.md` is written by hand, and must not forget a command.
#[tokio::test]
async fn names_no_command_that_the_page_lacks() {
    let home = Home::new();
    let page = std::fs::read_to_string(format!("{FOLDER}/index.md")).unwrap();
    for command in subcommands(&help(&home, &[], WIDTH).await) {
        assert!(page.contains(&format!("\n| [`topper {command}`](#topper-")), "{command}");
        let headings = page.lines().filter(|line| line.starts_with("## "));
        let name = format!("`topper {command}`");
        assert_eq!(headings.filter(|line| line.contains(&name)).count(), 1, "{command}");
        for subcommand in subcommands(&help(&home, std::slice::from_ref(&command), WIDTH).await) {
            assert!(page.contains(&format!("`topper {command} {subcommand}`")), "{subcommand}");
        }
    }
}
