//! Parsing one line of the `Forwarded` header (RFC 7239, section 4), strictly: an unbalanced quote that
//! a sender puts on the left must not hide what a proxy appended on the right.

use std::net::IpAddr;

use super::{network::parse_entry, token::is_token};

/// The client of each element, from left to right; `None` for an element without an address. The result
/// is `None` if the line is malformed. Empty elements are skipped (RFC 9110, section 5.6.1.2).
pub(super) fn parse(line: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut rest = Rest(line);
    let mut clients = Vec::new();
    loop {
        rest.skip_white_space();
        if !matches!(rest.peek(), None | Some(',')) {
            clients.push(rest.element()?);
        }
        match rest.next() {
            None => return Some(clients),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let next = chars.next();
        self.0 = chars.as_str();
        next
    }

    fn skip_white_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    /// `for=192.0.2.1;proto=https`: the outer `None` for a broken grammar.
    fn element(&mut self) -> Option<Option<IpAddr>> {
        let mut client = None;
        loop {
            self.skip_white_space();
            match self.peek() {
                // A pair may be missing.
                Some(';') => {
                    self.next();
                    continue;
                }
                None | Some(',') => return Some(client.flatten()),
                Some(_) => {}
            }
            let name = self.token()?;
            if self.next()? != '=' {
                return None;
            }
            let value = if self.peek() == Some('"') { self.quoted()? } else { self.token()? };
            if name.eq_ignore_ascii_case("for") && client.replace(parse_entry(&value)).is_some() {
                return None;
            }
            self.skip_white_space();
            if self.peek() != Some(';') {
                return Some(client.flatten());
            }
            self.next();
        }
    }

    fn token(&mut self) -> Option<String> {
        let end =
            self.0.find(|c: char| !u8::try_from(c).is_ok_and(is_token)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!token.is_empty()).then(|| token.to_owned())
    }

    fn quoted(&mut self) -> Option<String> {
        self.next();
        let mut value = String::new();
        loop {
            match self.next()? {
                '"' => return Some(value),
                '\\' => value.push(self.next()?),
                c => value.push(c),
            }
        }
    }
}
