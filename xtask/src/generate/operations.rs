//! The generated page of docs/operations: the metrics.

use topper_core::metrics::{ALL, DURATION_BUCKETS, Kind, Label, Values};

use super::Files;

/// Written by hand, but for what stands in braces.
const PAGE: &str = include_str!("operations/metrics.md");

pub(super) fn files() -> Files {
    let buckets: Vec<String> = DURATION_BUCKETS.iter().map(f64::to_string).collect();
    let page = PAGE
        .replace("{metrics}", metrics().trim_end())
        .replace("{labels}", labels().trim_end())
        .replace("{buckets}", &buckets.join(", "));
    Files::from([("docs/operations/metrics.md".to_owned(), page)])
}

fn metrics() -> String {
    let mut table = "| metric | kind | labels | what it says |\n|---|---|---|---|\n".to_owned();
    for metric in ALL {
        let kind = match (metric.kind, metric.unit) {
            (Kind::Histogram, Some(unit)) => format!("histogram, {unit}"),
            (Kind::Gauge, Some(unit)) => format!("gauge, {unit}"),
            (Kind::Gauge, None) => "gauge".to_owned(),
            _ => "counter".to_owned(),
        };
        let labels: Vec<String> =
            metric.labels.iter().map(|label| format!("`{}`", label.name)).collect();
        let labels = labels.join(", ");
        table.push_str(&format!("| `{}` | {kind} | {labels} | {} |\n", metric.name, metric.help));
    }
    table
}

/// Each label of each metric, those that are the same once.
fn labels() -> String {
    let mut rows: Vec<(&Label, Vec<&str>)> = Vec::new();
    for metric in ALL {
        for label in metric.labels {
            let same = rows.iter_mut().find(|(other, _)| {
                other.name == label.name && values(&other.values) == values(&label.values)
            });
            match same {
                Some((_, metrics)) => metrics.push(metric.name),
                None => rows.push((label, vec![metric.name])),
            }
        }
    }
    let mut table = "| label | of | values |\n|---|---|---|\n".to_owned();
    for (label, metrics) in rows {
        let of: Vec<String> = metrics.iter().map(|name| format!("`{name}`")).collect();
        let (name, values) = (label.name, values(&label.values));
        table.push_str(&format!("| `{name}` | {} | {values} |\n", of.join(", ")));
    }
    table
}

fn values(values: &Values) -> String {
    match values {
        Values::OneOf(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            values.join(", ")
        }
        Values::Words(words) => (*words).to_owned(),
        _ => String::new(),
    }
}
