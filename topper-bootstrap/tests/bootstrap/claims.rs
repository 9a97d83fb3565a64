//! That a token says what was asked for: against a reference that builds the claims by hand.

use std::time::{Duration, SystemTime};

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use topper_bootstrap::*;

use crate::{reference::reference, spec::*, support::*};

fn tab(name: &str) -> Tab {
    [Tab::New, Tab::Same, Tab::Parent][TABS.iter().position(|it| *it == name).unwrap()]
}

fn asset(spec: &Spec) -> String {
    spec.allowed.as_ref().map_or_else(|| spec.must(0).to_owned(), |list| list[0].0.clone())
}

fn network(spec: &Spec) -> String {
    let on = spec.allowed.as_ref().and_then(|list| list[0].1.as_ref());
    on.map_or_else(|| spec.must(1).to_owned(), |networks| networks[0].clone())
}

fn allowed(list: &[(String, Option<Vec<String>>)]) -> Vec<AllowedAsset> {
    list.iter()
        .map(|(asset, networks)| match networks {
            None => AllowedAsset::from(asset.as_str()),
            Some(networks) => AllowedAsset::on(asset, networks),
        })
        .collect()
}

fn partner(spec: &Spec) -> Option<Partner> {
    let mut partner = Partner::new();
    if let Some(name) = spec.text(17) {
        partner = partner.display_name(name);
    }
    if let Some(url) = spec.text(18) {
        partner = match spec.pick(19, &TABS) {
            Some(name) => partner.continue_url_in(url, tab(name)),
            None => partner.continue_url(url),
        };
    }
    if let Some(fee) = &spec.fee {
        partner = partner.fee(fee.parse().unwrap());
    }
    if spec.given[20] && spec.given[21] {
        let mut device = DeviceCheck::plain().ip("203.0.113.7".parse().unwrap());
        if let Some(agent) = spec.text(22) {
            device = device.user_agent(agent);
        }
        partner = partner.device(device);
    } else if spec.given[20] {
        let mut device = DeviceCheck::hashed([
            (DeviceField::UserAgent, "Mozilla/5.0"),
            (DeviceField::Ip, "203.0.113.7"),
        ]);
        if let Some(version) = spec.text(23) {
            device = device.ip_version(version);
        }
        partner = partner.device(device);
    }
    spec.given[16].then_some(partner)
}

fn recipient(spec: &Spec) -> Recipient {
    let (asset, network) = (asset(spec), network(spec));
    let mut recipient = match MODES[spec.mode] {
        "not-editable" => Recipient::not_editable(asset.as_str(), network.as_str(), spec.must(2)),
        "only-address-and-tag" => Recipient::only_address_and_tag(asset.as_str(), network.as_str()),
        "all-editable" => Recipient::all_editable(),
        _ => Recipient::only_asset_same_network(network.as_str(), spec.must(2)),
    };
    if spec.given[0] {
        recipient = recipient.asset(asset);
    }
    if spec.given[1] {
        recipient = recipient.network(network);
    }
    if let Some(address) = spec.text(2) {
        recipient = recipient.address(address);
    }
    if let Some(value) = spec.text(5) {
        recipient = recipient.tag(spec.pick(5, &TAGS).unwrap(), value);
    }
    if let Some(priority) = spec.pick(6, &PRIORITIES) {
        recipient = recipient.priority(priority.into());
    }
    if let Some(label) = spec.text(7) {
        recipient = recipient.label(label);
    }
    match &spec.allowed {
        Some(list) => recipient.allowed_assets(allowed(list)),
        None => recipient,
    }
}

fn onramp(spec: &Spec) -> Onramp {
    let amount = spec.amount.parse().unwrap();
    let mut onramp = if spec.is_source_amount {
        Onramp::spend(amount, spec.must(3), recipient(spec))
    } else {
        Onramp::receive(amount, recipient(spec))
    };
    if let Some(currency) = spec.text(3) {
        onramp = onramp.currency(currency);
    }
    if let Some(network) = spec.pick(4, &NETWORKS) {
        onramp = onramp.payment_network(network);
    }
    match spec.pick(8, &PERIODS) {
        Some("once") => onramp = onramp.periodicity(Periodicity::Once),
        Some("weekly") => onramp = onramp.periodicity(Periodicity::Weekly),
        Some(_) => onramp = onramp.periodicity(Periodicity::Monthly),
        None => {}
    }
    if let Some(partner) = partner(spec) {
        onramp = onramp.partner(partner);
    }
    if let Some(country) = &spec.country {
        onramp = onramp.simulate_country(country);
    }
    if spec.given[24] {
        onramp = onramp.reusable_kyc(spec.must(24), spec.must(25));
    }
    spec.further.iter().fold(onramp, |it, (name, value)| it.claim(name, value).unwrap())
}

fn offramp(spec: &Spec) -> Offramp {
    let amount = spec.amount.parse().unwrap();
    let mut offramp = if spec.is_source_amount {
        Offramp::sell(amount, asset(spec))
    } else {
        Offramp::receive(amount, spec.must(3), asset(spec))
    };
    if let Some(currency) = spec.text(3) {
        offramp = offramp.currency(currency);
    }
    if spec.given[1] {
        offramp = offramp.network(network(spec));
    }
    if let Some(list) = &spec.allowed {
        offramp = offramp.allowed_assets(allowed(list));
    }
    match spec.pick(9, &EDITS) {
        Some("not-editable") => offramp = offramp.edit_mode(SourceEditMode::NotEditable),
        Some(_) => offramp = offramp.edit_mode(SourceEditMode::OnlyAssetAndNetwork),
        None => {}
    }
    if let Some(url) = spec.text(10) {
        let mut wallet = WalletSend::new(url);
        if let Some(name) = spec.pick(11, &TABS) {
            wallet = wallet.tab(tab(name));
        }
        match spec.pick(12, &SENDS) {
            Some("button") => wallet = wallet.mode(WalletSendMode::Button),
            Some(_) => wallet = wallet.mode(WalletSendMode::Redirect),
            None => {}
        }
        offramp = offramp.wallet_send(wallet);
    }
    if let Some(address) = spec.text(13) {
        let mut refund = Refund::to(address);
        if let Some(value) = spec.text(14) {
            refund = refund.tag(spec.pick(14, &TAGS).unwrap(), value);
        }
        if let Some(priority) = spec.pick(15, &PRIORITIES) {
            refund = refund.priority(priority.into());
        }
        offramp = offramp.refund(refund);
    }
    if let Some(partner) = partner(spec) {
        offramp = offramp.partner(partner);
    }
    if let Some(country) = &spec.country {
        offramp = offramp.simulate_country(country);
    }
    if spec.given[24] {
        offramp = offramp.reusable_kyc(spec.must(24), spec.must(25));
    }
    spec.further.iter().fold(offramp, |it, (name, value)| it.claim(name, value).unwrap())
}

#[test]
fn two_hundred_configurations_say_what_the_reference_says() {
    let widget = widget();
    let mut seen = Map::new();
    let mut runner = TestRunner::new(Config::with_cases(200));
    let inspector = Inspector::new();
    let outcome = runner.run(&specs(), |spec| {
        let id = spec.id.as_str();
        let draft = if spec.is_onramp {
            Draft::with_id(&onramp(&spec), id)
        } else {
            Draft::with_id(&offramp(&spec), id)
        };
        let draft = draft.unwrap();
        assert_eq!(draft.id(), id);
        let issued_at = SystemTime::UNIX_EPOCH + Duration::from_secs(spec.issued_at);
        let token = widget.sign_at(draft, issued_at).unwrap();
        let (header, claims) = decode(token.as_str());
        assert_eq!(header, json!({"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}));
        assert_eq!(claims, reference(&spec));
        // What the builders make breaks no rule.
        let flow = if spec.is_onramp { Flow::CryptoOnramp } else { Flow::CryptoOfframp };
        let inspection = inspector.clone().flow(flow).inspect(token.as_str());
        assert_eq!(inspection.findings(), []);
        Ok(())
    });
    outcome.unwrap();
    // That the specs are as different as they should be.
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let spec = specs().new_tree(&mut runner).unwrap().current();
        for (name, value) in reference(&spec).as_object().unwrap() {
            *seen.entry(name.clone()).or_insert(json!(0)) =
                json!(seen.get(name).and_then(Value::as_u64).unwrap_or(0) + 1);
            if let Value::Object(inner) = value {
                inner.keys().for_each(|it| drop(seen.insert(format!("{name}.{it}"), json!(1))));
            }
        }
    }
    for path in [
        "source.amount",
        "target.amount",
        "target.recipientEditMode",
        "periodicity",
        "source.editMode",
        "refund.tag",
        "partner.validation",
        "simulation.country",
        "reusableKyc.token",
    ] {
        assert!(seen.contains_key(path), "{path}");
    }
}
