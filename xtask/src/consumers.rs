//! Programs of users, outside the workspace, built with the packages as they would be published, and
//! tried: most receive a signed event and a forgery. And programs that types must refuse.

use std::error::Error;

use crate::{packages, workspace::target};

mod program;
mod receiver;

use program::{Program, Project, Trial};
use receiver::Sent;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const FORGERY: (Sent, u16, &str) = (Sent::Forgery, 401, "signature_invalid");
const RECEIVES: Trial = Trial::Receives(&[(Sent::Event, 200, "processed"), FORGERY]);
const HTTP: (&str, &str) = ("http.rs", include_str!("../consumers/http.rs"));

const AXUM: Program = Program {
    name: "axum",
    dependencies: r#"
        topper = { version = "0.1", features = ["axum"] }
        axum = "0.8"
        tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#,
    dev_dependencies: "",
    main: include_str!("../consumers/axum.rs"),
    module: None,
    trial: RECEIVES,
    without: &[],
};

const PROGRAMS: [Program; 11] = [
    AXUM,
    Program {
        name: "actix",
        dependencies: r#"
            topper = { version = "0.1", features = ["actix"] }
            actix-web = { version = "4", default-features = false, features = ["macros"] }"#,
        main: include_str!("../consumers/actix.rs"),
        ..AXUM
    },
    Program {
        name: "warp",
        dependencies: r#"
            topper = { version = "0.1", features = ["warp"] }
            warp = { version = "0.4", features = ["server"] }
            tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#,
        main: include_str!("../consumers/warp.rs"),
        ..AXUM
    },
    Program {
        name: "rocket",
        dependencies: r#"
            topper = { version = "0.1", features = ["rocket"] }
            rocket = { version = "0.5", default-features = false }"#,
        main: include_str!("../consumers/rocket.rs"),
        ..AXUM
    },
    Program {
        name: "hyper",
        dependencies: r#"
            topper = { version = "0.1", features = ["tower"] }
            hyper = { version = "1", features = ["http1", "server"] }
            hyper-util = { version = "0.1", features = ["tokio"] }
            tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#,
        main: include_str!("../consumers/hyper.rs"),
        without: &["axum", "tower"],
        ..AXUM
    },
    // `?` on an error of anyhow.
    Program {
        name: "axum_anyhow",
        dependencies: r#"
            topper = { version = "0.1", features = ["axum"] }
            anyhow = "1"
            axum = "0.8"
            tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#,
        main: include_str!("../consumers/axum_anyhow.rs"),
        trial: Trial::Receives(&[(Sent::Event, 503, "retry"), FORGERY]),
        ..AXUM
    },
    // The verifier in `web::Data`.
    Program {
        name: "actix_data",
        dependencies: r#"
            topper = { version = "0.1", features = ["actix"] }
            actix-web = { version = "4", default-features = false, features = ["macros"] }"#,
        main: include_str!("../consumers/actix_data.rs"),
        ..AXUM
    },
    Program {
        name: "another_framework",
        dependencies: r#"
            topper = "0.1"
            tokio = { version = "1", features = ["io-util", "macros", "net", "rt-multi-thread"] }"#,
        main: include_str!("../consumers/another_framework.rs"),
        module: Some(HTTP),
        ..AXUM
    },
    Program {
        name: "own_store",
        dependencies: r#"
            topper = { version = "0.1", features = ["store"] }
            tokio = { version = "1", features = ["io-util", "macros", "net", "rt-multi-thread"] }"#,
        main: include_str!("../consumers/own_store.rs"),
        module: Some(HTTP),
        trial: Trial::Receives(&[
            (Sent::Event, 200, "processed"),
            (Sent::Event, 200, "duplicate"),
            FORGERY,
        ]),
        without: &["redis", "sqlx", "sqlx-core"],
        ..AXUM
    },
    // Its tests must not bring the other back end in.
    Program {
        name: "rust_crypto",
        dependencies: r#"
            topper = { version = "0.1", default-features = false, features = ["rust-crypto", "axum"] }
            axum = "0.8"
            tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#,
        dev_dependencies: r#"topper-testkit = "0.1""#,
        main: include_str!("../consumers/rust_crypto.rs"),
        trial: Trial::Tests,
        without: &["aws-lc-rs", "aws-lc-sys"],
        ..AXUM
    },
    Program {
        name: "misspelt_path",
        dependencies: r#"
            topper = "0.1"
            topper-testkit = "0.1""#,
        main: include_str!("../consumers/misspelt_path.rs"),
        trial: Trial::Panics("`data.origin.amount`"),
        ..AXUM
    },
];

/// Bootstrap tokens, by a program that has no webhook.
const BOOTSTRAP: Program = Program {
    name: "bootstrap",
    dependencies: r#"
        topper = { version = "0.1", features = ["bootstrap"] }"#,
    dev_dependencies: r#"topper-testkit = "0.1""#,
    main: include_str!("../consumers/bootstrap.rs"),
    trial: Trial::Tests,
    ..AXUM
};

/// Tokens that must not compile.
const REFUSED_TOKENS: [(&str, &str); 8] = [
    ("token_shown_by_accident", include_str!("../consumers/refused/token_shown_by_accident.rs")),
    ("token_signed_twice", include_str!("../consumers/refused/token_signed_twice.rs")),
    (
        "token_with_an_amount_as_a_float",
        include_str!("../consumers/refused/token_with_an_amount_as_a_float.rs"),
    ),
    (
        "token_with_an_edit_mode_elsewhere",
        include_str!("../consumers/refused/token_with_an_edit_mode_elsewhere.rs"),
    ),
    (
        "token_with_an_unchecked_fee",
        include_str!("../consumers/refused/token_with_an_unchecked_fee.rs"),
    ),
    ("token_with_two_amounts", include_str!("../consumers/refused/token_with_two_amounts.rs")),
    ("token_without_an_amount", include_str!("../consumers/refused/token_without_an_amount.rs")),
    (
        "token_without_what_its_edit_mode_requires",
        include_str!("../consumers/refused/token_without_what_its_edit_mode_requires.rs"),
    ),
];

/// Programs on axum that must not compile; each names the compiler's error code in its first line.
const REFUSED: [(&str, &str); 8] = [
    ("admitted_by_hand", include_str!("../consumers/refused/admitted_by_hand.rs")),
    ("admitted_verified_twice", include_str!("../consumers/refused/admitted_verified_twice.rs")),
    ("option_in_axum", include_str!("../consumers/refused/option_in_axum.rs")),
    ("reply_from_a_closure", include_str!("../consumers/refused/reply_from_a_closure.rs")),
    ("reply_from_a_handler", include_str!("../consumers/refused/reply_from_a_handler.rs")),
    ("state_forgotten_in_axum", include_str!("../consumers/refused/state_forgotten_in_axum.rs")),
    ("webhook_by_hand", include_str!("../consumers/refused/webhook_by_hand.rs")),
    ("webhook_from_an_envelope", include_str!("../consumers/refused/webhook_from_an_envelope.rs")),
];

/// Packages everything that is published, and builds and tries each program.
pub(crate) fn check() -> Result<()> {
    let folder = target().join("consumers");
    let packages = packages::unpack_all(&folder.join("packages"))?;
    for program in PROGRAMS.into_iter().chain([BOOTSTRAP]) {
        let project = Project::write(&program, &packages, &folder)?;
        let result = project.check_tree(program.without).and_then(|()| project.run(&program.trial));
        let outcome = result.map_err(|error| format!("{}: {error}", program.name))?;
        println!("{}: {outcome}", program.name);
    }
    for (program, refused) in [(AXUM, &REFUSED[..]), (BOOTSTRAP, &REFUSED_TOKENS[..])] {
        let project = Project::write(&program, &packages, &folder)?;
        for (name, main) in refused {
            refuse(name, main, &project)?;
            println!("{name}: does not compile");
        }
    }
    Ok(())
}

/// Puts a program in the place of axum's, and sees the compiler refuse it.
fn refuse(name: &str, main: &str, project: &Project) -> Result<()> {
    let code = main.lines().next().and_then(|line| line.strip_prefix("//! "));
    let code = code.ok_or_else(|| format!("{name} names no error code"))?;
    project.replace_main(main)?;
    let output = project.cargo(&["build", "--quiet", "--message-format", "short"]).output()?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = messages.lines().filter(|line| line.contains(": error[")).collect();
    let is_refused = !output.status.success() && !errors.is_empty();
    if is_refused && errors.iter().all(|line| line.contains(&format!("error[{code}]"))) {
        Ok(())
    } else {
        Err(format!("{name} must fail to compile with {code} and no other error:\n{messages}")
            .into())
    }
}
