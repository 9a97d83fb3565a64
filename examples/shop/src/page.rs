//! The shop's pages.

use crate::order::Order;

pub(crate) fn login() -> String {
    page(
        "<h1>Shop</h1>\n\
         <form method=\"post\" action=\"/login\">\n\
         <p><label>Your name <input name=\"name\" required maxlength=\"100\"></label></p>\n\
         <p><button>Log in</button></p>\n\
         </form>",
    )
}

pub(crate) fn orders(name: &str, orders: &[Order]) -> String {
    let rows: String = orders
        .iter()
        .map(|order| {
            format!(
                "<tr><td><code>{}</code></td><td>{}</td></tr>\n",
                escape(&order.id),
                order.state
            )
        })
        .collect();
    let table = if orders.is_empty() {
        "<p>No orders yet.</p>".to_owned()
    } else {
        format!("<table>\n<tr><th>Order</th><th>State</th></tr>\n{rows}</table>")
    };
    page(&format!(
        "<h1>Hello, {}</h1>\n\
         <form method=\"post\" action=\"/buy\">\n\
         <p><label>Buy ETH for <input name=\"amount\" value=\"100.00\" inputmode=\"decimal\" size=\"8\" required> \
         USD</label></p>\n\
         <p><label>to the wallet <input name=\"address\" size=\"40\" required></label></p>\n\
         <p><button>Buy with Topper</button></p>\n\
         </form>\n\
         <h2>Your orders</h2>\n{table}",
        escape(name)
    ))
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Shop</title>\n\
         <style>body {{ font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }}\n\
         td, th {{ text-align: left; padding: 0.25rem 1rem 0.25rem 0 }}</style>\n\
         <main>\n{body}\n</main>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
