//! E0451
use topper::Admitted;

fn exchange(admitted: Admitted) -> Admitted {
    Admitted { body: b"{}".to_vec(), ..admitted }
}

fn main() {
    let _ = exchange;
}
