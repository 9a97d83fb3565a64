//! Reading the lines that `public-api` writes.

/// The keywords of a type.
pub(super) const TYPE: [&str; 3] = ["struct", "enum", "union"];

/// The path of what a line declares with one of these keywords.
pub(super) fn declared<'a>(line: &'a str, keywords: &[&str]) -> Option<&'a str> {
    let (keyword, rest) = without_attributes(line).strip_prefix("pub ")?.split_once(' ')?;
    if !keywords.contains(&keyword) {
        return None;
    }
    let end = rest.find(|c| !is_of_path(c)).unwrap_or(rest.len());
    // A trait's path is followed by the colon of its bounds.
    Some(rest.get(..end)?.trim_end_matches(':'))
}

/// The trait that a line implements; `None` unless it begins an implementation of one.
pub(super) fn implemented(line: &str) -> Option<&str> {
    let line = line.strip_prefix("unsafe ").unwrap_or(line);
    let rest = line.strip_prefix("impl")?;
    let rest = if rest.starts_with('<') { after_generics(rest)? } else { rest };
    // A bound with `for<'a>` has no space there.
    Some(rest.trim_start().split_once(" for ")?.0)
}

/// The first array type of a line that fixes a length; one that is generic over it does not.
pub(super) fn array(line: &str) -> Option<&str> {
    let line = without_attributes(line);
    let mut open = Vec::new();
    for (index, c) in line.char_indices() {
        match c {
            '[' => open.push((index, false)),
            ';' => {
                if let Some((_, has_length)) = open.last_mut() {
                    *has_length = true;
                }
            }
            ']' => {
                if let Some((start, true)) = open.pop()
                    && let Some(array) = line.get(start..=index)
                    && is_fixed(array)
                {
                    return Some(array);
                }
            }
            _ => {}
        }
    }
    None
}

/// The name of a parameter is in upper case.
fn is_fixed(array: &str) -> bool {
    let length = array.rsplit(';').next().unwrap_or_default().trim_matches([' ', ']']);
    !length.chars().all(|c| c.is_ascii_uppercase())
}

/// The line with each path replaced that `replacement` knows.
pub(super) fn with_paths<'a>(
    line: &'a str,
    replacement: impl Fn(&str) -> Option<&'a str>,
) -> String {
    let mut output = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_of_path(c)).unwrap_or(rest.len());
        // A colon after a path begins its bounds, or its type.
        let end = rest.get(..end).map_or(end, |path| path.trim_end_matches(':').len());
        let (path, after) = rest.split_at(end);
        output.push_str(replacement(path).unwrap_or(path));
        let mut after = after.chars();
        output.extend(after.next());
        rest = after.as_str();
    }
    output
}

fn without_attributes(mut line: &str) -> &str {
    while line.starts_with("#[") {
        let Some((_, rest)) = line.split_once("] ") else { break };
        line = rest;
    }
    line
}

/// What follows the generics that a text begins with.
fn after_generics(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut previous = ' ';
    for (index, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            // Not the arrow of a function's bound.
            '>' if previous != '-' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return text.get(index + 1..);
        }
        previous = c;
    }
    None
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_declared() {
        let line = "#[non_exhaustive] pub enum topper_core::Flow";
        assert_eq!(declared(line, &TYPE), Some("topper_core::Flow"));
        assert_eq!(declared("pub struct topper_store::Once<S>", &TYPE), Some("topper_store::Once"));
        assert_eq!(declared("pub struct topper_core::Retry(_)", &TYPE), Some("topper_core::Retry"));
        let line = "pub trait topper_store::Store: core::marker::Send";
        assert_eq!(declared(line, &["trait"]), Some("topper_store::Store"));
        assert_eq!(declared("pub topper_core::Fee::kind: topper_core::FeeType", &TYPE), None);
        assert_eq!(declared("impl topper_core::Flow", &TYPE), None);
    }

    #[test]
    fn finds_the_trait_that_is_implemented() {
        let send = "core::marker::Send";
        assert_eq!(implemented("impl core::marker::Send for topper_core::Flow"), Some(send));
        assert_eq!(
            implemented("impl<S> core::marker::Send for topper_store::Once<S> where S: Sized"),
            Some(send)
        );
        assert_eq!(
            implemented("impl<F: Fn(u8) -> Option<u8>> core::marker::Send for a::B<F>"),
            Some(send)
        );
        assert_eq!(implemented("impl !core::marker::Send for a::B"), Some("!core::marker::Send"));
        assert_eq!(implemented("impl<S: topper_store::Store> topper_store::Once<S>"), None);
        assert_eq!(implemented("pub struct a::B"), None);
    }

    #[test]
    fn finds_arrays_and_not_slices() {
        assert_eq!(array("pub const a::B::ALL: [Self; 17]"), Some("[Self; 17]"));
        assert_eq!(array("pub fn a::B::owner(&self) -> &[u8; 16]"), Some("[u8; 16]"));
        assert_eq!(array("pub fn a::b(&[[u8; 4]])"), Some("[u8; 4]"));
        assert_eq!(array("pub fn a::b<const N: usize>([u8; N])"), None);
        assert_eq!(array("pub fn a::B::verify(&self, &[u8], &[u8])"), None);
    }

    #[test]
    fn replaces_whole_paths_only() {
        let short = |path: &str| (path == "core::option::Option").then_some("Option");
        assert_eq!(
            with_paths("pub fn a::b(core::option::Option<u8>) -> a_core::option::Option", short),
            "pub fn a::b(Option<u8>) -> a_core::option::Option"
        );
        let line = "pub fn a::b<T>(T) where core::option::Option: a::C, <T as a::D>::E: a::C";
        let bound = "pub fn a::b<T>(T) where Option: a::C, <T as a::D>::E: a::C";
        assert_eq!(with_paths(line, short), bound);
    }
}
