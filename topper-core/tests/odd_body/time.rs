//! Times: any text is read, and kept; whether it is a time is another question.

use topper_core::{Envelope, Event};

use crate::{Kyc, Offramp, Onramp, Row, User, check};

pub(crate) const ROWS: &[Row] = &[
    (Onramp, "data.updatedAt", r#""2026-03-02T09:18:41.903Z""#, ""),
    (Onramp, "data.updatedAt", r#""2026-03-02T09:18:41Z""#, ""),
    (Onramp, "data.updatedAt", r#""2026-03-02T09:18:41.123456789123Z""#, ""),
    (Onramp, "data.updatedAt", r#""2026-03-02T11:18:41.903+02:00""#, ""),
    (Onramp, "data.updatedAt", r#""2026-03-02T03:48:41.903-05:30""#, ""),
    (Onramp, "data.updatedAt", r#""2026-03-02T09:18:41.903""#, ""),
    (Onramp, "data.updatedAt", r#""2026-03-02""#, ""),
    (Onramp, "data.updatedAt", r#""1770091506""#, ""),
    (Onramp, "data.updatedAt", r#""soon""#, ""),
    (Onramp, "data.updatedAt", r#""""#, ""),
    (Offramp, "data.origin.depositAddress.expiresAt", r#""never""#, ""),
    (Kyc, "data.kycSession.updatedAt", r#""2026-13-45T99:99:99Z""#, ""),
    (User, "data.user.confirmedAt", r#""9999-12-31T23:59:59Z""#, ""),
    (Onramp, "data.updatedAt", "{}", "data.updatedAt is not text"),
    (Onramp, "data.updatedAt", r#"["2026-03-02T09:18:41Z"]"#, "data.updatedAt is not text"),
    (Onramp, "data.createdAt", "", "data.createdAt is missing"),
];

#[test]
fn any_text_is_kept_for_a_time() {
    check(ROWS);
}

#[test]
fn what_cannot_be_read_as_a_time_is_none() {
    let event = |time: &str| -> Event {
        let body = Onramp.odd("data.updatedAt", &format!("\"{time}\""));
        Envelope::from_json(body.as_bytes()).unwrap().into_event().unwrap()
    };
    let time = |text| event(text).updated_at().unwrap().to_system_time();
    assert_eq!(time("2026-03-02T11:18:41.903+02:00"), time("2026-03-02T09:18:41.903Z"));
    assert!(time("2026-03-02T09:18:41.903Z").is_some());
    for text in ["2026-03-02T09:18:41.903", "2026-03-02", "soon", "", r"\ud83d"] {
        assert_eq!(time(text), None, "{text}");
    }
}
