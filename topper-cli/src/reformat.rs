//! Changes the white space of JSON, and nothing else.

/// The text without white space between its tokens.
pub(crate) fn minified(json: &str) -> String {
    spaced(json, ",", ":")
}

/// The same with white space after commas and colons, as some libraries write it.
pub(crate) fn spaced(json: &str, comma: &str, colon: &str) -> String {
    let mut output = String::with_capacity(json.len());
    for (is_text, c) in tokens(json) {
        match c {
            ',' if !is_text => output.push_str(comma),
            ':' if !is_text => output.push_str(colon),
            _ => output.push(c),
        }
    }
    output
}

/// The text with each field on its own line; `None` if that makes it many times larger, as it does
/// with JSON that is very deep. Text that is not JSON gives an arbitrary result.
pub(crate) fn pretty(json: &str, indent: &str) -> Option<String> {
    /// Deeper levels are not moved further.
    const MOST_LEVELS: usize = 64;
    let most = json.len().saturating_mul(8).saturating_add(4096);
    let mut output = String::with_capacity(json.len().saturating_mul(2));
    let mut level = 0_usize;
    let mut just_opened = false;
    let new_line = |output: &mut String, level: usize| {
        output.push('\n');
        for _ in 0..level.min(MOST_LEVELS) {
            output.push_str(indent);
        }
    };
    for (is_text, c) in tokens(json) {
        if output.len() > most {
            return None;
        }
        let closes = !is_text && matches!(c, '}' | ']');
        if closes {
            level = level.saturating_sub(1);
        }
        if just_opened != closes {
            new_line(&mut output, level);
        }
        just_opened = false;
        output.push(c);
        if is_text {
            continue;
        }
        match c {
            '{' | '[' => {
                level += 1;
                just_opened = true;
            }
            ',' => new_line(&mut output, level),
            ':' => output.push(' '),
            _ => (),
        }
    }
    Some(output)
}

/// The characters that are not white space between tokens, and whether each stands in a string.
fn tokens(json: &str) -> impl Iterator<Item = (bool, char)> {
    let mut in_text = false;
    let mut is_escaped = false;
    json.chars().filter_map(move |c| {
        if in_text {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => in_text = false,
                _ => (),
            }
            return Some((true, c));
        }
        if c == '"' {
            in_text = true;
            return Some((true, c));
        }
        (!matches!(c, ' ' | '\t' | '\r' | '\n')).then_some((false, c))
    })
}

/// The text with letters in place of `\u` escapes, save where JSON needs them.
pub(crate) fn unescaped(json: &str) -> String {
    let mut output = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        output.push_str(before);
        let (letter, left) = letter(after);
        match letter {
            Some(letter) => output.push(letter),
            None => {
                // The escape stays, with the character that it escapes.
                output.push('\\');
                output.extend(after.chars().next());
            }
        }
        rest = left;
    }
    output.push_str(rest);
    output
}

/// The letter of a `\u` escape whose backslash was taken, and what follows it; or what follows the
/// one character that is escaped.
fn letter(after: &str) -> (Option<char>, &str) {
    let mut others = after.chars();
    others.next();
    let keep = (None, others.as_str());
    let Some((first, left)) = unit(after) else { return keep };
    let second = left.strip_prefix('\\').and_then(unit);
    let (units, left) = match second {
        Some((second, left)) if (0xd800..0xdc00).contains(&first) => (vec![first, second], left),
        _ => (vec![first], left),
    };
    match char::decode_utf16(units).next() {
        Some(Ok(c)) if !c.is_control() && !matches!(c, '"' | '\\') => (Some(c), left),
        _ => keep,
    }
}

/// The number of `uXXXX`, and what follows it.
fn unit(text: &str) -> Option<(u16, &str)> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().zip(text.get(5..))
}

/// The text with `\u` escapes in place of letters that are not ASCII.
pub(crate) fn escaped(json: &str) -> String {
    let mut output = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            output.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                output.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const JSON: &str = r#"{"b":[1.00,{"x":"a, b: \" {}"},[],{}],"a":{"e":"\u00e9\\"},"n":null}"#;

    #[test]
    fn writes_as_others_do() {
        let value: Value =
            serde_json::from_str(r#"{"a":[1,{"b":"c, d"},[],{}],"e":{"f":null}}"#).unwrap();
        let minified_text = value.to_string();
        let pretty_text = format!("{value:#}");
        assert_eq!(pretty(&minified_text, "  "), Some(pretty_text.clone()));
        assert_eq!(minified(&pretty_text), minified_text);
    }

    #[test]
    fn changes_nothing_but_white_space() {
        for text in [pretty(JSON, "\t").unwrap(), spaced(JSON, ", ", ": "), minified(JSON)] {
            assert_eq!(minified(&text), JSON);
        }
        assert_eq!(spaced(r#"{"a":[1,"b,c"]}"#, ", ", ": "), r#"{"a": [1, "b,c"]}"#);
    }

    #[test]
    fn does_not_indent_what_would_become_many_times_larger() {
        for indent in ["  ", "    ", "\t"] {
            for json in ["[".repeat(1_000_000), "{\"a\":".repeat(200_000), "[[],".repeat(200_000)] {
                assert_eq!(pretty(&json, indent), None);
            }
        }
        let wide = format!("[[[{}1]]]", "1,".repeat(100_000));
        assert!(pretty(&wide, "  ").is_some_and(|it| it.lines().count() > 100_000));
    }

    #[test]
    fn escapes_and_unescapes_letters() {
        let plain = r#"{"a":"é😀\"\\u00e9\n","b":"\u0007"}"#;
        let ascii = r#"{"a":"\u00e9\ud83d\ude00\"\\u00e9\n","b":"\u0007"}"#;
        assert_eq!(escaped(plain), ascii);
        assert_eq!(unescaped(ascii), plain);
        for broken in [r"\", r"\u", r"\u12", r"\ud800x", r"\ué000", "\\é"] {
            assert_eq!(unescaped(broken), broken);
        }
    }
}
