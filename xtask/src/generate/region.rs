//! Generated parts of files that are written by hand, each between two comments:
//! `<!-- NAME: by cargo xtask generate -->` and `<!-- end -->`.

use std::error::Error;

use super::{Files, read, reference};

/// The web frameworks that have an adapter, and a guide.
const FRAMEWORKS: [&str; 4] = ["actix", "axum", "rocket", "warp"];
/// The program that the guide starts with.
const PROGRAM: &str = "program of the guide";

/// The files, and the parts of each.
pub(super) fn files() -> Result<Files, Box<dyn Error>> {
    let variables = reference::variables()?;
    let summary = reference::summary();
    let mut parts: Vec<(String, &str, String)> = [
        ("README.md", "answers", reference::answers()?),
        ("README.md", "variables", variables.clone()),
        ("README.md", "features of topper", reference::features("topper")?),
        ("topper-core/src/lib.rs", "features of topper-core", reference::features("topper-core")?),
        ("topper-core/src/verifier/env.rs", "variables", variables),
        (
            "topper-serve/src/lib.rs",
            "features of topper-serve",
            reference::features("topper-serve")?,
        ),
        (
            "topper-bootstrap/src/lib.rs",
            "features of topper-bootstrap",
            reference::features("topper-bootstrap")?,
        ),
        (
            "topper-bootstrap/src/widget/env.rs",
            "variables of a widget",
            reference::widget_variables()?,
        ),
        ("docs/SUMMARY.md", "reference", summary),
    ]
    .map(|(path, name, part)| (path.to_owned(), name, part))
    .into();
    for framework in FRAMEWORKS {
        let program = program(&read(&format!("docs/guide/getting-started-{framework}.md"))?)?;
        parts.push((format!("topper-{framework}/README.md"), PROGRAM, program.clone()));
        parts.push((format!("topper-{framework}/src/lib.rs"), PROGRAM, program));
    }
    let mut files = Files::new();
    for (path, name, part) in parts {
        let text = match files.remove(&path) {
            Some(text) => text,
            None => read(&path)?,
        };
        let text = fill(&text, name, &part)
            .ok_or_else(|| format!("{path} lacks `{}` before an `{END}`", begin(name)))?;
        files.insert(path, text);
    }
    Ok(files)
}

/// The program that a guide starts with, with its fences.
fn program(guide: &str) -> Result<String, Box<dyn Error>> {
    let section = guide.split("\n## The program\n\n").nth(1).ok_or("a guide has no program")?;
    let (program, _) = section.split_once("\n```\n").ok_or("a guide's program does not end")?;
    Ok(format!("{program}\n```\n"))
}

const END: &str = "<!-- end -->";

fn begin(name: &str) -> String {
    format!("<!-- {name}: by cargo xtask generate -->")
}

/// What stands before the first comment on its line stands before each line of the part too.
fn fill(text: &str, name: &str, part: &str) -> Option<String> {
    let begin = begin(name);
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(END)?;
    let prefix = before.rsplit('\n').next().unwrap_or_default();
    let lines: String = [""]
        .into_iter()
        .chain(part.trim_end().lines())
        .chain([""])
        .map(|line| format!("{}\n", format!("{prefix}{line}").trim_end()))
        .collect();
    Some(format!("{before}{begin}\n{lines}{prefix}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_between_the_comments_and_nowhere_else() {
        let text = "a\n/// <!-- x: by cargo xtask generate -->\n/// old\n/// <!-- end -->\nb\n";
        let filled = "a\n/// <!-- x: by cargo xtask generate -->\n///\n/// new\n/// lines\n///\n/// <!-- end -->\nb\n";
        assert_eq!(fill(text, "x", "new\nlines\n").as_deref(), Some(filled));
        assert_eq!(fill(filled, "x", "new\nlines\n").as_deref(), Some(filled));
        assert_eq!(fill(text, "y", ""), None);
    }
}
