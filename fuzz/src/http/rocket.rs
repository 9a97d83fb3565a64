//! The adapter for Rocket, whose server takes only sockets: so a request in memory, with the headers and
//! the body of the input.

use ::rocket::{Config, http::Header, local::blocking::Client, log::LogLevel, post, routes};
use topper_rocket::{Verified, WebhookReply, fairing};

use super::{VERIFIER, process};

thread_local! {
    static CLIENT: Client = {
        let config = Config { log_level: LogLevel::Off, ..Config::debug_default() };
        let rocket = ::rocket::custom(config).attach(fairing(VERIFIER.clone()));
        Client::untracked(rocket.mount("/", routes![receive])).unwrap()
    };
}

#[post("/", data = "<verified>")]
async fn receive(verified: Verified) -> WebhookReply {
    verified.run(process).await
}

pub(super) fn answer(input: &[u8]) {
    let end = input.windows(4).position(|window| window == b"\r\n\r\n");
    let Some((head, body)) = end.and_then(|end| input.split_at_checked(end + 4)) else { return };
    let head = String::from_utf8_lossy(head).into_owned();
    CLIENT.with(|client| {
        let mut request = client.post("/").body(body);
        for line in head.lines().skip(1) {
            if let Some((name, value)) = line.split_once(':') {
                request.add_header(Header::new(name.to_owned(), value.trim().to_owned()));
            }
        }
        let status = request.dispatch().status().code;
        assert!((200..600).contains(&status));
    });
}
