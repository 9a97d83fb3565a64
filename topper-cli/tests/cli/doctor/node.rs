//! An endpoint in Node, with `express` and `jsonwebtoken` as Topper's documentation has it: it
//! verifies what it has serialised again.

use std::{fs, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::{check, checks, examine};
use crate::{Home, program::is_left_out};

const FILES: [&str; 2] = ["package.json", "endpoint.js"];

/// The folder with its packages, or why there is none.
async fn installed() -> Result<std::path::PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-endpoint");
    fs::create_dir_all(&folder).unwrap();
    for file in FILES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node").join(file);
        fs::copy(source, folder.join(file)).unwrap();
    }
    if folder.join("node_modules/express").exists()
        && folder.join("node_modules/jsonwebtoken").exists()
    {
        return Ok(folder);
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel", "error"]).current_dir(&folder);
    // Without a network it is known soon.
    npm.args(["--fetch-retries", "1", "--fetch-timeout", "20000"]);
    let installing = timeout(Duration::from_secs(100), npm.kill_on_drop(true).output()).await;
    match installing {
        Ok(Ok(output)) if output.status.success() => Ok(folder),
        Ok(Ok(output)) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Ok(Err(error)) => Err(format!("npm: {error}")),
        Err(_) => Err("npm takes too long".to_owned()),
    }
}

async fn start(folder: &Path, public_jwk: &str) -> (Child, String) {
    let mut node = Command::new("node");
    node.arg("endpoint.js").current_dir(folder).env("TOPPER_WEBHOOK_PUBLIC_KEY", public_jwk);
    let mut child =
        node.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = timeout(Duration::from_secs(20), lines.next_line()).await.unwrap().unwrap().unwrap();
    (child, format!("http://127.0.0.1:{port}/webhooks/topper"))
}

#[tokio::test]
async fn finds_that_the_body_is_serialised_again_before_it_is_verified() {
    if is_left_out("node") {
        return;
    }
    let folder = match installed().await {
        Ok(folder) => folder,
        Err(reason) if std::env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_some() => {
            panic!("{reason}")
        }
        Err(reason) => {
            println!(
                "skipped: needs node, npm, and the packages express and jsonwebtoken: {reason}"
            );
            return;
        }
    };
    let home = Home::new();
    let public = home.topper(&["keygen", "key.jwk"]).await.stdout;
    let (_child, url) = start(&folder, &public).await;
    let objects = examine(&home, &url, &[]).await;
    let failed = checks(&objects, "failed");
    for expected in ["JSON written in other ways", "refuses a body that was serialised again"] {
        assert!(failed.iter().any(|it| it == expected), "{objects:#?}");
    }
    let finding = check(&objects, "JSON written in other ways");
    assert!(finding["advice"].as_str().unwrap().starts_with("Verify the raw bytes"), "{finding}");
    // What it does right.
    for expected in [
        "a valid event",
        "refuses a changed body",
        "refuses other keys",
        "refuses broken signatures",
    ] {
        assert!(checks(&objects, "passed").iter().any(|it| it == expected), "{objects:#?}");
    }
}
