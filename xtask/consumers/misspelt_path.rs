use topper::EventName;
use topper_testkit::EventBuilder;

fn main() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .set("data.orign.amount", "250.00");
    println!("{event:?}");
}
