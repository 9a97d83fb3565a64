//! Programs of users, one a framework, outside the workspace, built with the packages as they would
//! be published: each is delivered a signed event. And programs that types must refuse.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::workspace::{Package, cargo, published, root, run, target};

use topper_core::EventName;
use topper_testkit::{Delivery, EventBuilder, TestKey};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Consumer {
    /// The cargo feature of `topper`.
    feature: &'static str,
    /// What the program depends on beside `topper`.
    dependencies: &'static str,
    main: &'static str,
}

const TOKIO: &str = r#"tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#;

const CONSUMERS: [Consumer; 4] = [
    Consumer {
        feature: "axum",
        dependencies: r#"axum = "0.8""#,
        main: include_str!("../consumers/axum.rs"),
    },
    Consumer {
        feature: "actix",
        dependencies: r#"actix-web = { version = "4", default-features = false, features = ["macros"] }"#,
        main: include_str!("../consumers/actix.rs"),
    },
    Consumer {
        feature: "warp",
        dependencies: r#"warp = { version = "0.4", features = ["server"] }"#,
        main: include_str!("../consumers/warp.rs"),
    },
    Consumer {
        feature: "rocket",
        dependencies: r#"rocket = { version = "0.5", default-features = false }"#,
        main: include_str!("../consumers/rocket.rs"),
    },
];

/// Programs on axum that must not compile; each names the compiler's error code in its first line.
const REFUSED: [(&str, &str); 6] = [
    ("admitted_by_hand", include_str!("../consumers/refused/admitted_by_hand.rs")),
    ("admitted_verified_twice", include_str!("../consumers/refused/admitted_verified_twice.rs")),
    ("option_in_axum", include_str!("../consumers/refused/option_in_axum.rs")),
    ("state_forgotten_in_axum", include_str!("../consumers/refused/state_forgotten_in_axum.rs")),
    ("webhook_by_hand", include_str!("../consumers/refused/webhook_by_hand.rs")),
    ("webhook_from_an_envelope", include_str!("../consumers/refused/webhook_from_an_envelope.rs")),
];

/// Packages everything that is published, and builds and tries each consumer.
pub(crate) fn check() -> Result<()> {
    let packages = published()?;
    package(&packages)?;
    let folder = target().join("consumers");
    for consumer in CONSUMERS {
        let program = build(&consumer, &packages, &folder)?;
        deliver(&program).map_err(|error| format!("{}: {error}", consumer.feature))?;
        println!("{}: 200 processed, from packages only", consumer.feature);
    }
    for (name, main) in REFUSED {
        refuse(name, main, &folder)?;
        println!("{name}: does not compile");
    }
    Ok(())
}

/// Where a package is unpacked, as someone who downloads it has it.
fn unpacked(package: &Package) -> PathBuf {
    let name = format!("{}-{}", package.name, package.version);
    target().join("consumers").join("packages").join(name)
}

/// Packages them, and unpacks what came out.
fn package(packages: &[Package]) -> Result<()> {
    // Built by the consumers below, and not once more in folders of their own.
    let mut command = cargo();
    command.args(["package", "--locked", "--no-verify", "--allow-dirty", "--quiet"]);
    for package in packages {
        command.args(["--package", &package.name]);
    }
    run(&mut command)?;
    let folder = target().join("consumers").join("packages");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for package in packages {
        let archive = format!("{}-{}.crate", package.name, package.version);
        let archive = target().join("package").join(archive);
        run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&folder))?;
    }
    Ok(())
}

/// Builds a consumer, and tells where the program is.
fn build(consumer: &Consumer, packages: &[Package], folder: &Path) -> Result<PathBuf> {
    let Consumer { feature, dependencies, main } = consumer;
    let name = format!("consumer-{feature}");
    let project = folder.join(&name);
    fs::create_dir_all(project.join("src"))?;
    fs::write(project.join("src").join("main.rs"), main)?;
    let mut manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\ntopper = {{ version = \"0.1\", features = [\"{feature}\"] }}\n\
         {dependencies}\n{TOKIO}\n\n[patch.crates-io]\n"
    );
    for package in packages {
        writeln!(manifest, "{} = {{ path = {:?} }}", package.name, unpacked(package))?;
    }
    fs::write(project.join("Cargo.toml"), manifest)?;
    // The versions of this repository, so that a release elsewhere does not break the build.
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock"))?;
    let built = folder.join("target");
    let mut command = cargo();
    command.args(["build", "--quiet"]).current_dir(&project).env("CARGO_TARGET_DIR", &built);
    run(&mut command)?;
    Ok(built.join("debug").join(name))
}

/// Puts a program in the place of axum's consumer, and sees the compiler refuse it.
fn refuse(name: &str, main: &str, folder: &Path) -> Result<()> {
    let code = main.lines().next().and_then(|line| line.strip_prefix("//! "));
    let code = code.ok_or_else(|| format!("{name} names no error code"))?;
    let project = folder.join("consumer-axum");
    fs::write(project.join("src").join("main.rs"), main)?;
    let mut command = cargo();
    command.args(["build", "--quiet", "--message-format", "short"]).current_dir(&project);
    let output = command.env("CARGO_TARGET_DIR", folder.join("target")).output()?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = messages.lines().filter(|line| line.contains(": error[")).collect();
    let is_refused = !output.status.success() && !errors.is_empty();
    if is_refused && errors.iter().all(|line| line.contains(&format!("error[{code}]"))) {
        Ok(())
    } else {
        Err(format!("{name} must not compile, with {code} and nothing else:\n{messages}").into())
    }
}

/// Starts the program, and sends it an event and a forgery.
fn deliver(program: &Path) -> Result<()> {
    let key = TestKey::generate();
    let mut running = Running(
        Command::new(program)
            .env("TOPPER_WEBHOOK_PUBLIC_KEY", key.public_jwk())
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let stdout = running.0.stdout.take().ok_or("no output")?;
    let address = BufReader::new(stdout).lines().next().ok_or("it ended at once")??;
    let address: SocketAddr = address.parse()?;
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    let genuine = Delivery::signed(&key, event);
    let mut forged = genuine.clone();
    forged.body.push(b' ');
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (delivery, expected) in
        [(genuine, (200, "processed")), (forged, (401, "signature_invalid"))]
    {
        let answer = runtime.block_on(delivery.send(address, "/webhooks/topper"))?;
        if (answer.status, answer.body.as_str()) != expected {
            return Err(
                format!("answered {} {}, not {expected:?}", answer.status, answer.body).into()
            );
        }
    }
    Ok(())
}

/// Ends with us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
