//! E0382
use topper::{Admitted, Error, Webhook};

fn verify(admitted: Admitted) -> Result<[Webhook; 2], Error> {
    Ok([admitted.verify()?, admitted.verify()?])
}

fn main() {
    let _ = verify;
}
