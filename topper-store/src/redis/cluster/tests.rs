use super::*;

#[test]
fn slots_are_those_of_the_servers() {
    // As `CLUSTER KEYSLOT` gives them.
    assert_eq!(slot(b"123456789"), 0x31c3);
    assert_eq!(slot(b"foo"), 12182);
    assert_eq!(slot(b"bar"), 5061);
    assert_eq!(slot(b"a{foo}b{bar}"), 12182);
    assert_eq!(slot(b"{}foo"), checksum(b"{}foo") % SLOTS);
    assert_eq!(slot(b"foo{{bar}}"), checksum(b"{bar") % SLOTS);
}

/// What `CLUSTER SLOTS` says of slots that are all on one node.
fn range(first: i64, last: i64, host: &str, port: i64) -> Value {
    let primary = [Value::BulkString(host.as_bytes().to_vec()), Value::Int(port)];
    Value::Array(vec![Value::Int(first), Value::Int(last), Value::Array(primary.into())])
}

fn read(ranges: &[Value]) -> Option<Map> {
    let from = Address { host: "asked".to_owned(), port: 1 };
    Map::read(&Value::Array(ranges.to_vec()), &from)
}

#[test]
fn a_map_is_complete_when_each_slot_has_a_primary() {
    for (ranges, is_complete) in [
        (vec![(0, 16383)], true),
        (vec![(0, 8191), (8192, 16383)], true),
        (vec![(0, 0), (1, 16383)], true),
        (vec![], false),
        (vec![(0, 16382)], false),
        (vec![(1, 16383)], false),
        (vec![(0, 8190), (8192, 16383)], false),
    ] {
        let ranges: Vec<Value> =
            ranges.into_iter().map(|(first, last)| range(first, last, "a", 2)).collect();
        assert_eq!(read(&ranges).unwrap().is_complete(), is_complete, "{ranges:?}");
    }
}

#[test]
fn a_map_is_read_only_if_all_of_it_can_be_understood() {
    for wrong in [
        range(2, 1, "a", 2),
        range(0, 16384, "a", 2),
        range(16384, 16384, "a", 2),
        range(-1, 5, "a", 2),
        range(0, 5, "a", 65536),
        Value::Array(vec![Value::Int(0)]),
        Value::Nil,
    ] {
        assert!(read(&[range(0, 16383, "a", 2), wrong.clone()]).is_none(), "{wrong:?}");
    }
    assert!(Map::read(&Value::Nil, &Address { host: "asked".to_owned(), port: 1 }).is_none());
}

#[test]
fn a_node_without_a_host_is_the_one_that_was_asked() {
    let map = read(&[range(0, 1, "a", 2), range(2, 3, "", 4), range(4, 4, "?", 5)]).unwrap();
    let primary = |slot| map.primary(slot).map(ToString::to_string);
    assert_eq!(primary(1).unwrap(), "a:2");
    assert_eq!(primary(2).unwrap(), "asked:4");
    assert_eq!(primary(4).unwrap(), "asked:5");
    assert!(primary(5).is_none());
    assert_eq!(map.primaries().len(), 3);
}
