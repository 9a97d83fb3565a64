use topper::bootstrap::{Draft, Onramp, Recipient, Token, Widget};

fn open(widget: &Widget, sessions: &mut Vec<String>) -> Result<Token, Box<dyn std::error::Error>> {
    let recipient = Recipient::only_address_and_tag("ETH", "ethereum");
    let draft = Draft::new(&Onramp::spend("100.00".parse()?, "USD", recipient))?;
    sessions.push(draft.id().to_owned());
    Ok(widget.sign(draft)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = open(&Widget::from_env()?, &mut Vec::new())?;
    println!("{}", token.url().into_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use topper::bootstrap::Environment;
    use topper_testkit::TestKey;

    #[test]
    fn makes_a_token_whose_id_is_stored_before() {
        let widget = Widget::builder(Environment::Sandbox)
            .widget_id("a-widget")
            .key_id("a-key")
            .private_key(TestKey::generate().private_jwk())
            .build()
            .unwrap();
        let mut sessions = Vec::new();
        let token = open(&widget, &mut sessions).unwrap();
        assert_eq!(sessions, [token.id()]);
        assert!(token.url().into_string().starts_with("https://app.sandbox.topperpay.com/?bt="));
    }
}
