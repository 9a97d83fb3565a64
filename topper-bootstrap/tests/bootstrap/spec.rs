//! Configurations as plain values, from which the crate and the reference build the same claims.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};

/// A configuration as plain values, which this crate and the reference both build.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) is_onramp: bool,
    pub(crate) is_source_amount: bool,
    pub(crate) amount: String,
    pub(crate) mode: usize,
    pub(crate) given: Vec<bool>,
    pub(crate) texts: Vec<String>,
    pub(crate) choice: Vec<Index>,
    pub(crate) fee: Option<String>,
    pub(crate) allowed: Option<Vec<(String, Option<Vec<String>>)>>,
    pub(crate) country: Option<String>,
    pub(crate) further: Vec<(String, Value)>,
    pub(crate) id: String,
    pub(crate) issued_at: u64,
}

impl Spec {
    /// A text, if it is given.
    pub(crate) fn text(&self, at: usize) -> Option<&str> {
        self.given[at].then(|| self.texts[at].as_str())
    }

    pub(crate) fn must(&self, at: usize) -> &str {
        &self.texts[at]
    }

    pub(crate) fn pick<'a>(&self, at: usize, values: &[&'a str]) -> Option<&'a str> {
        self.given[at].then(|| values[self.choice[at].index(values.len())])
    }
}

pub(crate) const MODES: [&str; 4] =
    ["not-editable", "only-address-and-tag", "all-editable", "only-asset-same-network"];
pub(crate) const TABS: [&str; 3] = ["new-tab", "same-tab", "parent-tab"];
pub(crate) const TAGS: [&str; 3] = ["memo", "destination-tag", "a-new-type"];
pub(crate) const PRIORITIES: [&str; 3] = ["normal", "fast", "a-new-priority"];
pub(crate) const PERIODS: [&str; 3] = ["once", "weekly", "monthly"];
pub(crate) const EDITS: [&str; 2] = ["only-asset-and-network", "not-editable"];
pub(crate) const SENDS: [&str; 2] = ["button", "redirect"];
pub(crate) const NETWORKS: [&str; 8] =
    ["card", "apple-pay", "google-pay", "paypal", "venmo", "pix", "sepa", "a-new-network"];

pub(crate) fn specs() -> impl Strategy<Value = Spec> {
    let text = "[a-zA-Zéß日😀\"\\\\/;&=<>{}\u{7}-]{1,20}";
    let amount = prop_oneof!["[1-9][0-9]{0,8}", "[0-9]{1,6}\\.[0-9]{1,24}[1-9]"];
    let fee = prop_oneof!["[1-4]", "[0-4]\\.[0-9]{0,20}[1-9]", "5(\\.0{1,9})?"];
    let allowed = vec(("[A-Z]{3,5}", option::of(vec("[a-z-]{3,12}", 1..4))), 1..4);
    let value = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
        vec("[a-z]{1,5}", 0..3).prop_map(Value::from),
        ("[a-z]{1,5}", any::<u32>()).prop_map(|(name, number)| json!({name: number})),
        Just(Value::Null),
    ];
    let first = (any::<bool>(), any::<bool>(), amount, 0..4_usize, vec(any::<bool>(), 32));
    let second = (vec(text, 32), vec(any::<Index>(), 32), option::of(fee), option::of(allowed));
    let third = (
        option::of("[A-Z]{2}"),
        vec(("x-[a-z]{1,8}", value), 0..3),
        select(vec!["order-7", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "é日", "\"\\"]),
        0..4_000_000_000_u64,
    );
    (first, second, third).prop_map(|(first, second, third)| {
        let (is_onramp, is_source_amount, amount, mode, given) = first;
        let (texts, choice, fee, allowed) = second;
        let (country, further, id, issued_at) = third;
        let id = id.to_owned();
        Spec {
            is_onramp,
            is_source_amount,
            amount,
            mode,
            given,
            texts,
            choice,
            fee,
            allowed,
            country,
            further,
            id,
            issued_at,
        }
    })
}
