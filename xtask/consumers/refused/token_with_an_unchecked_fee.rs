//! E0308
use topper::bootstrap::Partner;

fn main() {
    let _ = Partner::new().fee("7.5");
}
