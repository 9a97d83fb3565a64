//! Deliveries in a file: one JSON object on each line, which can be sent again byte for byte.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use topper_testkit::Delivery;

/// What is wrong with a line that is something else.
pub(crate) const NOT_SAVED: &str =
    "not a saved delivery: use a file from `topper listen --save` or `topper inbox export`";

/// A delivery as received.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// When it was received, in RFC 3339.
    pub(crate) received_at: String,
    /// Path and query.
    pub(crate) path: String,
    /// Name and value of each line.
    headers: Vec<(String, HeaderValue)>,
    /// The body in base64.
    body_b64: String,
}

/// Text where it is text, else base64.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum HeaderValue {
    Text(String),
    Bytes { b64: String },
}

impl Saved {
    pub(crate) fn new(received_at: String, path: &str, delivery: &Delivery) -> Self {
        let headers = delivery.headers.iter().map(|(name, value)| {
            let value = match std::str::from_utf8(value) {
                Ok(text) => HeaderValue::Text(text.to_owned()),
                Err(_) => HeaderValue::Bytes { b64: STANDARD.encode(value) },
            };
            (name.clone(), value)
        });
        Self {
            received_at,
            path: path.to_owned(),
            headers: headers.collect(),
            body_b64: STANDARD.encode(&delivery.body),
        }
    }

    /// The delivery, without the headers that belong to one connection.
    pub(crate) fn delivery(&self) -> Result<Delivery, &'static str> {
        let body = STANDARD.decode(&self.body_b64).map_err(|_| "`body_b64` is not valid base64")?;
        let mut delivery = Delivery::unsigned(body);
        delivery.headers = Vec::new();
        for (name, value) in &self.headers {
            if of_connection(name) {
                continue;
            }
            let value = match value {
                HeaderValue::Text(text) => text.clone().into_bytes(),
                HeaderValue::Bytes { b64 } => {
                    STANDARD.decode(b64).map_err(|_| "the `b64` of a header is not valid base64")?
                }
            };
            delivery.headers.push((name.clone(), value));
        }
        Ok(delivery)
    }
}

/// Headers about a connection and not about the delivery (RFC 9110, section 7.6.1), and those that
/// the sender makes itself.
pub(crate) fn of_connection(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "host",
        "content-length",
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    ];
    NAMES.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// A file to which deliveries are appended.
pub(crate) struct SaveFile(File);

impl SaveFile {
    /// Opens or creates it; only its owner can read it, since it holds signatures and personal data.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        // A line that a crash has cut short must not spoil the next.
        if file.metadata()?.len() > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(Self(file))
    }

    /// Creates a new file, which only its owner can read, too.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map(Self)
    }

    /// Adds a line, in one piece.
    pub(crate) fn add(&mut self, saved: &Saved) -> io::Result<()> {
        let mut line = serde_json::to_vec(saved)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_every_byte_but_what_belongs_to_the_connection() {
        let mut delivery = Delivery::unsigned(b"\xff\x00\r\n{}".to_vec());
        delivery.headers = vec![
            ("X-Own".into(), b"caf\xc3\xa9".to_vec()),
            ("x-own".into(), b"\xff\xfe".to_vec()),
            ("Host".into(), b"localhost".to_vec()),
            ("content-length".into(), b"6".to_vec()),
        ];
        let line = serde_json::to_string(&Saved::new("now".into(), "/a?b", &delivery)).unwrap();
        let saved: Saved = serde_json::from_str(&line).unwrap();
        let again = saved.delivery().unwrap();
        assert_eq!(again.headers, delivery.headers[..2]);
        assert_eq!((again.body, saved.path.as_str()), (delivery.body, "/a?b"));
    }
}
