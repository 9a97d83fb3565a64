//! The rules of a token's configuration.

use serde_json::{Map, Value};
use topper_core::event::Flow;

use super::{Finding, private};
use crate::{
    Periodicity, RecipientEditMode, SourceEditMode,
    asset::{Outside, outside},
    configuration::is_amount,
    fee::is_fee,
    partner::is_country,
};

type Claims = Map<String, Value>;

/// Fields that integrators put elsewhere, and where each belongs.
const PLACES: &[(&str, &[&str])] = &[
    ("target.recipientEditMode", &["recipientEditMode", "source.recipientEditMode"]),
    ("source.paymentMethod", &["paymentMethod", "target.paymentMethod"]),
    ("periodicity", &["source.periodicity", "target.periodicity"]),
    ("partner.fee", &["fee", "partnerFee"]),
    ("partner.continueUrl", &["continueUrl"]),
    ("partner.validation", &["validation"]),
    ("simulation.country", &["country"]),
];
const PLACES_ONRAMP: &[(&str, &[&str])] = &[
    ("target.recipientEditMode", &["target.editMode", "editMode"]),
    ("target.allowedAssets", &["allowedAssets"]),
    ("target.address", &["address"]),
];
const PLACES_OFFRAMP: &[(&str, &[&str])] = &[
    ("source.editMode", &["target.editMode", "editMode", "source.recipientEditMode"]),
    ("source.allowedAssets", &["allowedAssets", "target.allowedAssets"]),
    ("source.walletSendUrl", &["walletSendUrl"]),
];

/// What the claims look like. The widget has the flow, and the token does not name it.
pub(super) fn flow(claims: &Claims) -> Flow {
    const OFFRAMP: [&str; 7] = [
        "refund",
        "source.network",
        "source.editMode",
        "source.allowedAssets",
        "source.walletSendUrl",
        "source.walletSendUrlTarget",
        "source.walletSendUrlMode",
    ];
    const ONRAMP: [&str; 4] =
        ["target.network", "target.address", "target.recipientEditMode", "target.allowedAssets"];
    let has = |paths: &[&str]| paths.iter().any(|path| at(claims, path).is_some());
    // Every on-ramp token has a target, unless it is wrong.
    let is_like_offramp = has(&OFFRAMP) || !claims.contains_key("target");
    if is_like_offramp && !has(&ONRAMP) { Flow::CryptoOfframp } else { Flow::CryptoOnramp }
}

pub(super) fn check(claims: &Claims, flow: &Flow, findings: &mut Vec<Finding>) {
    amounts(claims, findings);
    let is_offramp = *flow == Flow::CryptoOfframp;
    let own = if is_offramp { PLACES_OFFRAMP } else { PLACES_ONRAMP };
    misplaced(claims, own, findings);
    misplaced(claims, PLACES, findings);
    if is_offramp {
        offramp(claims, findings);
    } else {
        onramp(claims, findings);
    }
    both(claims, findings);
    let whole = Value::Object(claims.clone());
    findings.extend(private::place(&whole, "claims").map(Finding::PrivateKey));
}

fn amounts(claims: &Claims, findings: &mut Vec<Finding>) {
    let mut count = 0;
    for path in ["source.amount", "target.amount"] {
        match at(claims, path) {
            None => continue,
            Some(Value::String(text)) if is_amount(text) => {}
            Some(Value::Number(_)) => findings.push(Finding::AmountNotText(path)),
            Some(_) => findings.push(Finding::Amount(path)),
        }
        count += 1;
    }
    match count {
        0 => findings.push(Finding::NoAmount),
        1 => {}
        _ => findings.push(Finding::TwoAmounts),
    }
}

fn misplaced(
    claims: &Claims,
    places: &[(&'static str, &'static [&'static str])],
    findings: &mut Vec<Finding>,
) {
    for (right, wrong) in places {
        for found in wrong.iter().filter(|path| at(claims, path).is_some()) {
            let is_new = !findings
                .iter()
                .any(|it| matches!(it, Finding::Misplaced { found: known, .. } if known == found));
            if is_new {
                findings.push(Finding::Misplaced { found: (*found).to_owned(), right });
            }
        }
    }
}

fn onramp(claims: &Claims, findings: &mut Vec<Finding>) {
    let mode = match at(claims, "target.recipientEditMode") {
        None => Some(RecipientEditMode::NotEditable),
        Some(value) => {
            let name = value.as_str();
            let mode = RecipientEditMode::ALL.iter().find(|mode| Some(mode.as_str()) == name);
            if mode.is_none() {
                findings.push(Finding::RecipientEditMode(name.map(str::to_owned)));
            }
            mode.copied()
        }
    };
    let target = claims.get("target").and_then(Value::as_object);
    for (mode, field) in
        mode.iter().flat_map(|&mode| mode.required().iter().map(move |&field| (mode, field)))
    {
        let is_there = target.and_then(|target| target.get(field)).is_some_and(is_present);
        if !is_there {
            findings.push(Finding::MissingForEditMode { mode, field });
        }
    }
    if at(claims, "source.amount").is_some() && !at(claims, "source.asset").is_some_and(is_present)
    {
        findings.push(Finding::Missing("source.asset"));
    }
    let known: Vec<&str> = Periodicity::ALL.iter().map(|it| it.as_str()).collect();
    value(claims, "periodicity", &known, "once, weekly and monthly", findings);
    tag(claims, ["target.tag", "target.tag.type", "target.tag.value"], findings);
    assets(claims, "target", "target.allowedAssets", findings);
    for field in ["refund", "source.editMode", "source.allowedAssets", "source.walletSendUrl"] {
        if at(claims, field).is_some() {
            findings.push(Finding::OtherFlow { field, flow: Flow::CryptoOnramp });
        }
    }
}

fn offramp(claims: &Claims, findings: &mut Vec<Finding>) {
    if !at(claims, "source.asset").is_some_and(is_present) {
        findings.push(Finding::Missing("source.asset"));
    }
    let known: Vec<&str> = SourceEditMode::ALL.iter().map(|it| it.as_str()).collect();
    let words = "only-asset-and-network and not-editable";
    value(claims, "source.editMode", &known, words, findings);
    let modes = ["button", "redirect"];
    value(claims, "source.walletSendUrlMode", &modes, "button and redirect", findings);
    value(claims, "source.walletSendUrlTarget", TABS, TABS_IN_WORDS, findings);
    if claims.contains_key("refund") && !at(claims, "refund.address").is_some_and(is_present) {
        findings.push(Finding::Missing("refund.address"));
    }
    tag(claims, ["refund.tag", "refund.tag.type", "refund.tag.value"], findings);
    assets(claims, "source", "source.allowedAssets", findings);
    for field in ["periodicity", "target.network", "target.address", "target.recipientEditMode"] {
        if at(claims, field).is_some() {
            findings.push(Finding::OtherFlow { field, flow: Flow::CryptoOfframp });
        }
    }
}

const TABS: &[&str] = &["new-tab", "same-tab", "parent-tab"];
const TABS_IN_WORDS: &str = "new-tab, same-tab and parent-tab";

fn both(claims: &Claims, findings: &mut Vec<Finding>) {
    value(claims, "partner.continueUrlTarget", TABS, TABS_IN_WORDS, findings);
    let fee = at(claims, "partner.fee");
    let percentage = at(claims, "partner.fee.percentage").and_then(Value::as_str);
    if fee.is_some() && !percentage.is_some_and(is_fee) {
        findings.push(Finding::Fee);
    }
    if let Some(device) = at(claims, "partner.validation.device")
        && !is_device(device)
    {
        findings.push(Finding::Device);
    }
    let country = at(claims, "simulation.country");
    if claims.contains_key("simulation") && !country.and_then(Value::as_str).is_some_and(is_country)
    {
        findings.push(Finding::Country);
    }
    if claims.contains_key("reusableKyc") {
        for field in ["reusableKyc.provider", "reusableKyc.token"] {
            if !at(claims, field).is_some_and(is_present) {
                findings.push(Finding::Missing(field));
            }
        }
    }
}

fn is_device(device: &Value) -> bool {
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|it| it.is_ascii_hexdigit());
    let fields = device.get("fields").and_then(Value::as_array);
    match (fields, device.get("hash")) {
        (None, None) => {
            ["ip", "user-agent"].iter().any(|name| device.get(name).is_some_and(is_present))
        }
        (Some(fields), Some(Value::String(hash))) => {
            !fields.is_empty() && fields.iter().all(is_present) && is_hash(hash)
        }
        _ => false,
    }
}

fn tag(claims: &Claims, [tag, r#type, value]: [&'static str; 3], findings: &mut Vec<Finding>) {
    if at(claims, tag).is_some() {
        let missing =
            [r#type, value].into_iter().filter(|path| !at(claims, path).is_some_and(is_present));
        findings.extend(missing.map(Finding::Missing));
    }
}

/// That a value is one of those that Topper documents, if it is there.
fn value(
    claims: &Claims,
    field: &'static str,
    known: &[&str],
    in_words: &'static str,
    findings: &mut Vec<Finding>,
) {
    let Some(found) = at(claims, field) else { return };
    let text = found.as_str();
    if !text.is_some_and(|text| known.contains(&text)) {
        let value = text.map(str::to_owned);
        findings.push(Finding::Value { field, value, known: in_words });
    }
}

fn assets(claims: &Claims, side: &str, list: &'static str, findings: &mut Vec<Finding>) {
    let Some(found) = at(claims, list) else { return };
    let Some(allowed) = allowed(found) else {
        findings.push(Finding::AllowedAssets(list));
        return;
    };
    let text = |name: &str| claims.get(side)?.get(name)?.as_str();
    let Some(asset) = text("asset") else { return };
    let network = text("network");
    let parts: Vec<_> =
        allowed.iter().map(|(asset, networks)| (*asset, networks.as_deref())).collect();
    if let Some(what) = outside(&parts, asset, network) {
        findings.push(Finding::AssetNotAllowed {
            list,
            asset: asset.to_owned(),
            network: network.filter(|_| what == Outside::Network).map(str::to_owned),
        });
    }
}

type Allowed<'a> = Vec<(&'a str, Option<Vec<&'a str>>)>;

fn allowed(list: &Value) -> Option<Allowed<'_>> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    list.iter()
        .map(|entry| match entry {
            Value::String(asset) => Some((asset.as_str(), None)),
            Value::Object(fields) => {
                let networks = match fields.get("networks") {
                    None => None,
                    Some(networks) => Some(
                        networks.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?,
                    ),
                };
                Some((fields.get("asset")?.as_str()?, networks))
            }
            _ => None,
        })
        .collect()
}

fn is_present(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// The value at a path such as `target.tag.type`.
fn at<'a>(claims: &'a Claims, path: &str) -> Option<&'a Value> {
    let mut names = path.split('.');
    let first = claims.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}
