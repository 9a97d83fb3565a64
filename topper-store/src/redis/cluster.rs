//! Which node of a cluster has which keys.

use redis::Value;

use super::{connection::Link, sentinel::text, url::Address};

pub(super) const SLOTS: u16 = 16384;

/// The primaries, each with slots that it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Map(Vec<Range>);

#[derive(Clone, Debug)]
struct Range {
    first: u16,
    last: u16,
    primary: Address,
}

impl Map {
    /// The answer to `CLUSTER SLOTS`. A node that does not know its own host is the one asked.
    pub(super) fn read(answer: &Value, from: &Address) -> Option<Self> {
        let Value::Array(ranges) = answer else { return None };
        let ranges: Option<Vec<_>> = ranges.iter().map(|range| Range::read(range, from)).collect();
        ranges.map(Self)
    }

    pub(super) fn primary(&self, slot: u16) -> Option<&Address> {
        // Those that were put in later are last, and hold.
        let range = self.0.iter().rev().find(|range| (range.first..=range.last).contains(&slot));
        range.map(|range| &range.primary)
    }

    pub(super) fn put(&mut self, slot: u16, primary: Address) {
        self.0.push(Range { first: slot, last: slot, primary });
    }

    /// Whether each slot has a primary.
    pub(super) fn is_complete(&self) -> bool {
        let count: usize =
            self.0.iter().map(|range| usize::from(range.last - range.first) + 1).sum();
        count >= usize::from(SLOTS)
    }

    /// Each once.
    pub(super) fn primaries(&self) -> Vec<Address> {
        let mut primaries: Vec<Address> = Vec::new();
        for range in &self.0 {
            if !primaries.contains(&range.primary) {
                primaries.push(range.primary.clone());
            }
        }
        primaries
    }
}

impl Range {
    fn read(range: &Value, from: &Address) -> Option<Self> {
        let Value::Array(parts) = range else { return None };
        let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = parts.as_slice()
        else {
            return None;
        };
        let [host, Value::Int(port), ..] = primary.as_slice() else { return None };
        let host = match text(host) {
            None | Some("" | "?") => &from.host,
            Some(host) => host,
        };
        let primary = Address { host: host.to_owned(), port: u16::try_from(*port).ok()? };
        let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
        (first <= last && last < SLOTS).then_some(Self { first, last, primary })
    }
}

/// Asks a node for the map; `None` when it has no good one.
pub(super) async fn map(link: &mut Link) -> Result<Option<Map>, super::answer::Failure> {
    let answer = link.ask(redis::cmd("CLUSTER").arg("SLOTS")).await?;
    Ok(Map::read(&answer, &link.address).filter(Map::is_complete))
}

/// The slot of a key: of what is between its first braces, when it has such a part.
pub(super) fn slot(key: &[u8]) -> u16 {
    let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
        let rest = key.get(open.saturating_add(1)..)?;
        let close = rest.iter().position(|byte| *byte == b'}').filter(|close| *close > 0)?;
        rest.get(..close)
    });
    checksum(tag.unwrap_or(key)) % SLOTS
}

/// CRC-16/XMODEM.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |checksum: u16, byte| {
        (0..8).fold(checksum ^ (u16::from(*byte) << 8), |checksum, _| {
            let shifted = checksum << 1;
            if checksum & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests;
