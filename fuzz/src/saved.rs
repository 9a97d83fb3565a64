//! A line of a file that the command line saves.

use topper_testkit::Delivery;

use crate::saved_file::Saved;

/// A line is the same after it is written and read again, and so is a delivery with the bytes of the
/// input after it is saved.
pub fn saved_file(input: &[u8]) {
    let mut parts = input.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (name, value) = (String::from_utf8_lossy(part()).into_owned(), part());
    let mut delivery = Delivery::unsigned(part());
    delivery.headers = vec![(name.clone(), value.to_vec())];
    let saved = Saved::new("now".to_owned(), &name, &delivery);
    let again = same_again(&saved).delivery().unwrap();
    assert_eq!(again.body, delivery.body);
    if !crate::saved_file::of_connection(&name) {
        assert_eq!(again.headers, delivery.headers);
    }
    if let Ok(saved) = serde_json::from_slice::<Saved>(input) {
        let (one, two) = (saved.delivery(), same_again(&saved).delivery());
        assert_eq!(one, two);
    }
}

fn same_again(saved: &Saved) -> Saved {
    let line = serde_json::to_string(saved).unwrap();
    assert!(!line.contains('\n'), "it is not one line");
    let again: Saved = serde_json::from_str(&line).unwrap();
    assert_eq!(&again, saved);
    again
}
