//! What the documentation promises in numbers and by what is absent, and how large files may be.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{fs, path::PathBuf};

mod tree;

use tree::{files, root};

/// What users copy: READMEs, guides and examples.
fn copied() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md")];
    for package in [
        "topper-axum",
        "topper-actix",
        "topper-warp",
        "topper-rocket",
        "topper-tower",
        "topper-store",
    ] {
        paths.push(root().join(package).join("README.md"));
    }
    paths.extend(files("docs/guide", ".md"));
    paths.extend(files("examples/src", ".rs"));
    paths.extend(files("examples/tower/src", ".rs"));
    assert!(paths.len() > 20);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// Lines of code, without blank ones and comments.
fn code(text: &str) -> usize {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    text.lines().filter(is_code).count()
}

#[test]
fn a_whole_receiver_has_at_most_20_lines() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let program = readme.split("```rust,no_run\n").nth(1).unwrap().split("```").next().unwrap();
    let shown: Vec<&str> = program.lines().filter(|line| !line.starts_with("# ")).collect();
    let shown = shown.join("\n");
    for part in ["async fn main()", "async fn receive(", "async fn process(", "webhook.event()?"] {
        assert!(shown.contains(part), "{part} is not in the README's receiver");
    }
    assert!(code(&shown) <= 20, "{} lines", code(&shown));
}

#[test]
fn no_one_has_to_copy_a_spawn_or_an_arm_for_events_that_cannot_be_read() {
    for (path, text) in copied() {
        for trap in ["tokio::spawn(process", "rt::spawn(", "misfit", "Panicked"] {
            assert!(!text.contains(trap), "{trap} is in {}", path.display());
        }
        for handled in text.lines().filter(|line| line.contains("match webhook.event()")) {
            let is_safe = handled.contains("webhook.event()?") || path.ends_with("describe.rs");
            assert!(is_safe, "{handled} in {}", path.display());
        }
    }
}

#[test]
fn adapters_stay_as_thin_as_they_were() {
    for (package, most, most_of_server) in [
        ("topper-axum", 96, 20),
        ("topper-actix", 98, 80),
        ("topper-warp", 98, 30),
        ("topper-rocket", 177, 80),
        ("topper-tower", 160, 0),
    ] {
        let sources = files(&format!("{package}/src"), ".rs");
        let (servers, others): (Vec<_>, Vec<_>) =
            sources.into_iter().partition(|path| path.ends_with("serve.rs"));
        for (sources, most) in [(others, most), (servers, most_of_server)] {
            let lines: usize =
                sources.iter().map(|it| code(&fs::read_to_string(it).unwrap())).sum();
            // 0 for an adapter without a server.
            let is_there = (lines > 0) == (most > 0);
            assert!(is_there && lines <= most, "{package} has {lines} lines of code, over {most}");
        }
    }
}

#[test]
fn no_source_file_has_over_310_lines() {
    for package in fs::read_dir(root()).unwrap() {
        let source = package.unwrap().path().join("src");
        if !source.is_dir() {
            continue;
        }
        for path in files(source.strip_prefix(root()).unwrap().to_str().unwrap(), ".rs") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= 310, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn the_benchmark_of_core_fails_over_the_limit_that_the_readme_names() {
    let bench = fs::read_to_string(root().join("benchmarks/core/benches/verify.rs")).unwrap();
    let limit = bench.split_once("const MOST_WHOLE: f64 = ").unwrap().1.split(';').next().unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("fails over {limit} times")), "the limit is {limit}");
}

#[test]
fn the_readme_counts_the_cases_that_the_adapters_passed() {
    let page = fs::read_to_string(root().join("docs/conformance.md")).unwrap();
    let count = page.lines().find_map(|line| line.split_once(" cases. ")).unwrap().0;
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("lists the {count} cases")), "it is {count}");
}
