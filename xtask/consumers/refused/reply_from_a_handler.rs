//! E0308
use topper::{Outcome, Reply, Retry, Webhook};

async fn process(_: Webhook) -> Result<Outcome, Retry> {
    Ok(Reply::SourceForbidden)
}

fn main() {
    let _ = process;
}
