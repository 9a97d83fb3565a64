//! E0382
use topper::bootstrap::{Draft, SignError, Token, Widget};

fn twice(widget: &Widget, draft: Draft) -> Result<[Token; 2], SignError> {
    Ok([widget.sign(draft)?, widget.sign(draft)?])
}

fn main() {
    let _ = twice;
}
