//! `topper token make`

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde_json::{Value, json};
use topper_bootstrap::{
    Configuration, Draft, ExactDecimal, Offramp, Onramp, Recipient, RecipientEditMode, Widget,
    WidgetError,
};

use crate::{
    console::Console,
    failure::{Failure, Verdict},
};

const EXAMPLES: &str = "\
Examples:
  topper token make --spend 100.00 --currency USD --asset ETH \\
      --network ethereum --address 0x52908400098527886E0F7030069857D2E4169EE7
  topper token make --sell 25 --asset ETH --url";

/// Sign a bootstrap token, to try a widget
///
/// Print the token, or with --url the URL that opens the widget with it. The token's id goes to
/// standard error: it is the `bootstrapTokenId` of the session's webhooks.
///
/// Topper takes a token once, within minutes. A service of your own makes its tokens with the crate
/// `topper-bootstrap`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Buy crypto for this amount of --currency
    #[arg(long, value_name = "AMOUNT", requires = "currency", group = "amount")]
    spend: Option<ExactDecimal>,
    /// Buy this amount of crypto
    #[arg(long, value_name = "AMOUNT", group = "amount")]
    receive: Option<ExactDecimal>,
    /// Sell this amount of crypto
    #[arg(long, value_name = "AMOUNT", requires = "asset", group = "amount")]
    sell: Option<ExactDecimal>,
    /// The currency, such as USD (ISO 4217)
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// The crypto asset, such as ETH
    #[arg(long, value_name = "CODE")]
    asset: Option<String>,
    /// The asset's network, such as ethereum
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// The wallet that receives the crypto
    #[arg(long, value_name = "ADDRESS", conflicts_with = "sell")]
    address: Option<String>,
    /// What the user may change of the wallet
    #[arg(long, value_name = "MODE", default_value = "not-editable", conflicts_with = "sell")]
    edit_mode: EditMode,
    /// Add a claim, as `name=json`; may be repeated
    #[arg(long, value_name = "NAME=JSON", value_parser = claim)]
    claim: Vec<(String, Value)>,
    /// The token's id; default: a random UUID
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Print the URL that opens the widget
    #[arg(long)]
    url: bool,
    #[command(flatten)]
    widget: WidgetArgs,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Widget")]
struct WidgetArgs {
    /// sandbox or production; default: TOPPER_ENVIRONMENT
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The widget's id; default: TOPPER_WIDGET_ID
    #[arg(long, value_name = "ID")]
    widget_id: Option<String>,
    /// The id that Topper gave for your public key; default: TOPPER_KEY_ID
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,
    /// Your private key, JWK or PEM; default: TOPPER_PRIVATE_KEY or its _FILE
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl WidgetArgs {
    /// The widget of the environment variables, with what was given instead.
    fn widget(&self) -> Result<Widget, Failure> {
        let widget = Widget::from_vars(|name| match self.given(name) {
            Some((_, value)) => Some(value),
            // A file was given.
            None if name == "TOPPER_PRIVATE_KEY" && self.key.is_some() => None,
            None => env::var_os(name),
        });
        widget.map_err(|error| self.failure(&error))
    }

    /// The option in place of a variable, and its value.
    fn given(&self, variable: &str) -> Option<(&'static str, OsString)> {
        Some(match variable {
            "TOPPER_ENVIRONMENT" => ("--environment", self.environment.as_ref()?.into()),
            "TOPPER_WIDGET_ID" => ("--widget-id", self.widget_id.as_ref()?.into()),
            "TOPPER_KEY_ID" => ("--key-id", self.key_id.as_ref()?.into()),
            "TOPPER_PRIVATE_KEY_FILE" => ("--key", self.key.as_ref()?.into()),
            _ => return None,
        })
    }

    /// Names what was given instead of the variable: the option, or the file of the key.
    fn failure(&self, error: &WidgetError) -> Failure {
        let WidgetError::Variable { name, problem, .. } = error else {
            return Failure::Input(error.to_string());
        };
        match self.given(name) {
            Some(("--key", path)) => Failure::file(Path::new(&path), problem),
            Some((option, _)) => Failure::Input(format!("{option}: {problem}")),
            None => Failure::Input(error.to_string()),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum EditMode {
    /// Nothing: needs --asset, --network and --address
    NotEditable,
    /// The address and its tag: needs --asset and --network
    OnlyAddressAndTag,
    /// The asset, on the same network: needs --network and --address
    OnlyAssetSameNetwork,
    /// Everything
    AllEditable,
}

impl From<EditMode> for RecipientEditMode {
    fn from(mode: EditMode) -> Self {
        match mode {
            EditMode::NotEditable => Self::NotEditable,
            EditMode::OnlyAddressAndTag => Self::OnlyAddressAndTag,
            EditMode::OnlyAssetSameNetwork => Self::OnlyAssetSameNetwork,
            EditMode::AllEditable => Self::AllEditable,
        }
    }
}

fn claim(text: &str) -> Result<(String, Value), String> {
    let (name, json) = text.split_once('=').ok_or("must be `name=json`")?;
    let value = serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))?;
    Ok((name.to_owned(), value))
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    let draft = args.draft()?;
    let widget = args.widget.widget()?;
    let token =
        widget.sign(draft).map_err(|error| Failure::Input(format!("cannot sign: {error}")))?;
    let url = token.url().into_string();
    console.note(format_args!("token id: {}", token.id()));
    console.line(if args.url { &url } else { token.as_str() })?;
    console.object(&json!({"id": token.id(), "token": token.as_str(), "url": url}))?;
    Ok(Verdict::Yes)
}

impl Args {
    fn draft(&self) -> Result<Draft, Failure> {
        match (&self.spend, &self.receive, &self.sell) {
            (Some(amount), _, _) => {
                let currency = self.currency.clone().unwrap_or_default();
                self.onramp(Onramp::spend(amount.clone(), currency, self.recipient()?))
            }
            (_, Some(amount), _) => {
                let mut onramp = Onramp::receive(amount.clone(), self.recipient()?);
                if let Some(currency) = &self.currency {
                    onramp = onramp.currency(currency);
                }
                self.onramp(onramp)
            }
            (_, _, Some(amount)) => self.offramp(amount.clone()),
            _ => Err(Failure::Input("give an amount: --spend, --receive or --sell".into())),
        }
    }

    fn onramp(&self, mut onramp: Onramp) -> Result<Draft, Failure> {
        for (name, value) in &self.claim {
            onramp = onramp.claim(name, value).map_err(invalid)?;
        }
        self.finish(&onramp)
    }

    fn offramp(&self, amount: ExactDecimal) -> Result<Draft, Failure> {
        let mut offramp = Offramp::sell(amount, self.asset.clone().unwrap_or_default());
        if let Some(network) = &self.network {
            offramp = offramp.network(network);
        }
        if let Some(currency) = &self.currency {
            offramp = offramp.currency(currency);
        }
        for (name, value) in &self.claim {
            offramp = offramp.claim(name, value).map_err(invalid)?;
        }
        self.finish(&offramp)
    }

    fn finish(&self, configuration: &impl Configuration) -> Result<Draft, Failure> {
        let draft = match &self.id {
            Some(id) => Draft::with_id(configuration, id),
            None => Draft::new(configuration),
        };
        draft.map_err(invalid)
    }

    fn recipient(&self) -> Result<Recipient, Failure> {
        let missing: Vec<&str> = RecipientEditMode::from(self.edit_mode)
            .required()
            .iter()
            .copied()
            .filter(|&field| self.field(field).is_none())
            .collect();
        if !missing.is_empty() {
            return Err(Failure::Input(format!(
                "--edit-mode {} needs --{}",
                RecipientEditMode::from(self.edit_mode).as_str(),
                missing.join(", --"),
            )));
        }
        let text = |field| self.field(field).cloned().unwrap_or_default();
        let mut recipient = match self.edit_mode {
            EditMode::NotEditable => {
                Recipient::not_editable(text("asset"), text("network"), text("address"))
            }
            EditMode::OnlyAddressAndTag => {
                Recipient::only_address_and_tag(text("asset"), text("network"))
            }
            EditMode::OnlyAssetSameNetwork => {
                Recipient::only_asset_same_network(text("network"), text("address"))
            }
            EditMode::AllEditable => Recipient::all_editable(),
        };
        if let Some(asset) = &self.asset {
            recipient = recipient.asset(asset);
        }
        if let Some(network) = &self.network {
            recipient = recipient.network(network);
        }
        if let Some(address) = &self.address {
            recipient = recipient.address(address);
        }
        Ok(recipient)
    }

    fn field(&self, name: &str) -> Option<&String> {
        match name {
            "asset" => self.asset.as_ref(),
            "network" => self.network.as_ref(),
            _ => self.address.as_ref(),
        }
    }
}

fn invalid(error: impl std::fmt::Display) -> Failure {
    Failure::Input(error.to_string())
}
