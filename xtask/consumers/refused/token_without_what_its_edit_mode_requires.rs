//! E0061
use topper::bootstrap::Recipient;

fn main() {
    let _ = Recipient::not_editable("ETH", "ethereum");
    let _ = Recipient::only_address_and_tag("ETH");
    let _ = Recipient::only_asset_same_network("ethereum");
}
