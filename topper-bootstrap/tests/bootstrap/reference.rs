//! What the claims must be, as Topper documents them: written by hand, without any type of the crate.

use serde_json::{Value, json};

use crate::spec::*;
use crate::support::WIDGET_ID;

pub(crate) fn reference(spec: &Spec) -> Value {
    let mut claims = json!({"iat": spec.issued_at, "jti": spec.id, "sub": WIDGET_ID});
    let mut put = |path: &str, value: Option<Value>| {
        let Some(value) = value else { return };
        let (front, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut place = &mut claims;
        for part in front.split('.').filter(|part| !part.is_empty()) {
            let fields = place.as_object_mut().unwrap();
            place = fields.entry(part).or_insert_with(|| json!({}));
        }
        place[name] = value;
    };
    let text = |at: usize| spec.text(at).map(Value::from);
    let pick = |at: usize, values: &[&str]| spec.pick(at, values).map(Value::from);
    let tag = |at: usize| {
        spec.given[at]
            .then(|| json!({"type": TAGS[spec.choice[at].index(3)], "value": spec.texts[at]}))
    };
    let allowed = spec.allowed.as_ref().map(|list| {
        list.iter()
            .map(|(asset, networks)| match networks {
                None => Value::from(asset.as_str()),
                Some(networks) => json!({"asset": asset, "networks": networks}),
            })
            .collect()
    });
    let first = spec.allowed.as_ref().map(|list| &list[0]);
    let asset = first.map_or(spec.must(0).into(), |(asset, _)| Value::from(asset.as_str()));
    let on = first.and_then(|(_, networks)| networks.as_ref()).map(|networks| &networks[0]);
    let network = on.map_or(spec.must(1).into(), |network| Value::from(network.as_str()));
    let side = if spec.is_source_amount { "source.amount" } else { "target.amount" };
    put(side, Some(spec.amount.clone().into()));
    if spec.is_onramp {
        let currency = if spec.is_source_amount { Some(spec.must(3).into()) } else { text(3) };
        put("source.asset", currency);
        put("source.paymentMethod.network", pick(4, &NETWORKS));
        let mode = MODES[spec.mode];
        put("target.recipientEditMode", Some(mode.into()));
        let has_asset = ["not-editable", "only-address-and-tag"].contains(&mode);
        put("target.asset", (has_asset || spec.given[0]).then_some(asset));
        put("target.network", (mode != "all-editable" || spec.given[1]).then_some(network));
        let has_address = ["not-editable", "only-asset-same-network"].contains(&mode);
        put("target.address", (has_address || spec.given[2]).then(|| spec.must(2).into()));
        put("target.tag", tag(5));
        put("target.priority", pick(6, &PRIORITIES));
        put("target.label", text(7));
        put("target.allowedAssets", allowed);
        put("periodicity", pick(8, &PERIODS));
    } else {
        put("source.asset", Some(asset));
        put("source.network", spec.given[1].then_some(network));
        put("source.allowedAssets", allowed);
        put("source.editMode", pick(9, &EDITS));
        put("source.walletSendUrl", text(10));
        put("source.walletSendUrlTarget", text(10).and(pick(11, &TABS)));
        put("source.walletSendUrlMode", text(10).and(pick(12, &SENDS)));
        let currency = if spec.is_source_amount { text(3) } else { Some(spec.must(3).into()) };
        put("target.asset", currency);
        put("refund.address", text(13));
        put("refund.tag", text(13).and(tag(14)));
        put("refund.priority", text(13).and(pick(15, &PRIORITIES)));
    }
    if spec.given[16] {
        put("partner", Some(json!({})));
        put("partner.displayName", text(17));
        put("partner.continueUrl", text(18));
        put("partner.continueUrlTarget", text(18).and(pick(19, &TABS)));
        put("partner.fee.percentage", spec.fee.clone().map(Value::from));
        if spec.given[20] && spec.given[21] {
            put("partner.validation.device.ip", Some("203.0.113.7".into()));
            put("partner.validation.device.user-agent", text(22));
        } else if spec.given[20] {
            put("partner.validation.device.fields", Some(json!(["user-agent", "ip"])));
            put("partner.validation.device.hash", Some(AGENT_AND_IP.into()));
            put("partner.validation.device.ipVersion", text(23));
        }
    }
    put("simulation.country", spec.country.clone().map(Value::from));
    if spec.given[24] {
        put("reusableKyc.provider", Some(spec.must(24).into()));
        put("reusableKyc.token", Some(spec.must(25).into()));
    }
    spec.further.iter().for_each(|(name, value)| put(name, Some(value.clone())));
    claims
}

/// `printf 'Mozilla/5.0203.0.113.7' | sha256sum`
const AGENT_AND_IP: &str = "dc4b4aa0893452b772a1bcf06ac40dc5c7ff174e415be2cb2421e1045d2c6006";
