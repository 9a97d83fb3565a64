//! Documentation of Rust items as text for readers who may not know Rust.

/// The paragraphs before the first heading, each on a line of its own, without links to items.
pub(super) fn text(docs: &str) -> String {
    let before_headings = docs.split("\n# ").next().unwrap_or_default();
    let paragraphs: Vec<String> = before_headings
        .split("\n\n")
        .map(|paragraph| {
            let mut joined = String::new();
            for line in paragraph.trim().lines() {
                let separator = if line.starts_with("- ") { "\n" } else { " " };
                if !joined.is_empty() {
                    joined.push_str(separator);
                }
                joined.push_str(line.trim());
            }
            joined
        })
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    without_links(&paragraphs.join("\n\n"))
}

/// The first paragraph of it.
pub(super) fn first(docs: &str) -> String {
    text(docs).split("\n\n").next().unwrap_or_default().to_owned()
}

/// What stands after the name that the documentation of a variant begins with.
pub(super) fn after_name(docs: &str) -> String {
    let text = text(docs);
    capital(text.split_once("`: ").map_or(text.as_str(), |(_, meaning)| meaning))
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// For the cell of a table: one line, without the last full stop.
pub(super) fn cell(text: &str) -> String {
    let line = text.replace("\n\n", " ").replace('\n', " ").replace('|', "\\|");
    line.strip_suffix('.').unwrap_or(&line).to_owned()
}

/// `` [`asset`](Self::asset) `` and `` [`asset`] `` become `` `asset` ``; links to pages stay.
fn without_links(text: &str) -> String {
    let Some((before, rest)) = text.split_once('[') else { return text.to_owned() };
    let Some((label, after)) = rest.split_once(']') else { return text.to_owned() };
    let target = after.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    match target {
        Some((page, after)) if page.starts_with("http") => {
            format!("{before}[{label}]({page}){}", without_links(after))
        }
        Some((_, after)) => format!("{before}{label}{}", without_links(after)),
        None if label.starts_with('`') => format!("{before}{label}{}", without_links(after)),
        None => format!("{before}[{label}]{}", without_links(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_links_to_items_out_and_leaves_the_others() {
        assert_eq!(text("In [`asset`](Self::asset), see [`Reply`]."), "In `asset`, see `Reply`.");
        assert_eq!(
            text("See [RFC](https://x.example/) [1]."),
            "See [RFC](https://x.example/) [1]."
        );
    }

    #[test]
    fn joins_lines_and_ends_at_a_heading() {
        assert_eq!(text("One\ntwo.\n\n- a\n- b\n\n# Examples\n\nno"), "One two.\n\n- a\n- b");
        assert_eq!(first("One\ntwo.\n\nthree"), "One two.");
        assert_eq!(after_name("`user:created`: an account."), "An account.");
    }
}
