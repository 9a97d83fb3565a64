//! E0277
use topper::bootstrap::{Token, WidgetUrl};

fn log(token: &Token, url: &WidgetUrl) -> String {
    format!("{token} {url}")
}

fn main() {
    let _ = log;
}
