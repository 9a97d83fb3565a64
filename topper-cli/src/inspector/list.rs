//! The list of deliveries.

use serde_json::{Value, json};

use super::{
    Inspector,
    response::{Refusal, Result, json as answer},
    row::row,
};

const USUAL: usize = 500;
const MOST: usize = 2000;

pub(super) fn list(inspector: &Inspector, query: Option<&str>) -> Result {
    let before = number(query, "before")?.unwrap_or(u64::MAX);
    let limit = number(query, "limit")?.map_or(USUAL, |it| usize::try_from(it).unwrap_or(MOST));
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::bad(format_args!("`limit` is from 1 to {MOST}")));
    }
    let deliveries = inspector.deliveries();
    let mut found = deliveries.before(before);
    let rows: Vec<Value> =
        found.by_ref().take(limit).map(|(number, kept)| row(number, kept)).collect();
    let more = found.next().is_some();
    Ok(answer(&json!({"deliveries": rows, "dropped": deliveries.dropped(), "more": more})))
}

/// A number of the query, if it is there.
fn number(query: Option<&str>, name: &str) -> Result<Option<u64>> {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    match pairs.find(|pair| pair.0 == name) {
        Some((_, value)) => match value.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Refusal::bad(format_args!("`{name}` is a number"))),
        },
        None => Ok(None),
    }
}
