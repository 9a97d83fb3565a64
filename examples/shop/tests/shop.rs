//! The whole job: a user logs in and buys, `topper send` plays Topper, and the page shows the order.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant, SystemTime},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    process::{Child, Command},
    time::{sleep, timeout},
};
use topper::bootstrap::{Inspector, TokenKey};
use topper_testkit::TestKey;

const SHOP: &str = env!("CARGO_BIN_EXE_topper-shop");
const WALLET: &str = "0x52908400098527886E0F7030069857D2E4169EE7";

/// A shop with keys of its own, and what restarts it.
struct Shop {
    folder: TempDir,
    address: SocketAddr,
    process: Child,
    widget: TestKey,
}

impl Shop {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (widget, webhook) = (TestKey::generate(), TestKey::generate());
        for (name, key) in [("widget.jwk", &widget), ("webhook.jwk", &webhook)] {
            std::fs::write(folder.path().join(name), key.private_jwk()).unwrap();
        }
        std::fs::write(folder.path().join("webhook.pub.jwk"), webhook.public_jwk()).unwrap();
        // A port for this shop only: bound, and not listened on.
        let reserved = TcpSocket::new_v4().unwrap();
        reserved.set_reuseaddr(true).unwrap();
        reserved.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = reserved.local_addr().unwrap();
        let process = spawn(folder.path(), address).await;
        Self { folder, address, process, widget }
    }

    async fn restart(&mut self) {
        self.process.kill().await.unwrap();
        self.process = spawn(self.folder.path(), self.address).await;
    }

    /// Answers a request with its status, its head and its body.
    async fn ask(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        form: &str,
    ) -> (u16, String, String) {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let length = form.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: shop\r\ncookie: {cookie}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(10), socket.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), body.to_owned())
    }

    async fn log_in(&self, name: &str) -> String {
        let (status, head, _) = self.ask("POST", "/login", "", &format!("name={name}")).await;
        assert_eq!(status, 303, "{head}");
        header(&head, "set-cookie").split(';').next().unwrap().to_owned()
    }

    /// Buys, and returns the id of the token with which Topper's widget is opened.
    async fn buy(&self, cookie: &str) -> String {
        let form = format!("amount=100.00&address={WALLET}");
        let (status, head, body) = self.ask("POST", "/buy", cookie, &form).await;
        assert_eq!(status, 303, "{head} {body}");
        let url = header(&head, "location");
        let token = url.strip_prefix("https://app.sandbox.topperpay.com/?bt=").unwrap();
        let key = TokenKey::parse(&self.widget.public_jwk()).unwrap();
        let inspection = Inspector::new().now(SystemTime::now()).key(key).inspect(token);
        assert_eq!(inspection.findings(), []);
        inspection.id().unwrap().to_owned()
    }

    /// Plays Topper: a whole flow of events with the token's id.
    async fn deliver(&self, token: &str, order: &str, more: &[&str]) {
        let mut topper = Command::new(topper());
        topper.args(["send", "--key", "webhook.jwk", "--retry", "--to"]);
        topper.arg(format!("http://{}/webhooks/topper", self.address));
        topper.args(["--set", &format!("bootstrapTokenId={token}")]);
        topper.args(["--set", &format!("data.id={order}")]).args(more);
        let output = topper.current_dir(self.folder.path()).output();
        let output = timeout(Duration::from_secs(60), output).await.unwrap().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// Waits until the page of a user has a text.
    async fn shows(&self, cookie: &str, text: &str) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            let (status, _, body) = self.ask("GET", "/", cookie, "").await;
            assert_eq!(status, 200);
            if body.contains(text) {
                return true;
            }
            sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

async fn spawn(folder: &Path, address: SocketAddr) -> Child {
    let mut command = Command::new(SHOP);
    command.env_clear().current_dir(folder).kill_on_drop(true);
    command.envs([
        ("TOPPER_ENVIRONMENT", "sandbox"),
        ("TOPPER_WIDGET_ID", "b0a1e8c2-6d0f-4b8e-9a39-2b8f5d1c7e64"),
        ("TOPPER_KEY_ID", "3f2c9d4e-8a57-4d0b-b6f1-0c5e7a9d1b23"),
        ("TOPPER_PRIVATE_KEY_FILE", "widget.jwk"),
        ("TOPPER_WEBHOOK_PUBLIC_KEY_FILE", "webhook.pub.jwk"),
        ("RUST_LOG", "error"),
    ]);
    command.env("PORT", address.port().to_string());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let listens = async {
        while TcpStream::connect(address).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(timeout(Duration::from_secs(20), listens).await.is_ok(), "the shop does not listen");
    child
}

/// The command line, which is built with the tests of the whole workspace.
fn topper() -> PathBuf {
    let topper = Path::new(SHOP).with_file_name("topper");
    assert!(topper.exists(), "build it first: cargo build -p topper-cli");
    topper
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).unwrap().1
}

#[tokio::test]
async fn shows_a_user_the_state_of_an_order_that_topper_reports() {
    let mut shop = Shop::start().await;
    let (ada, bob) = (shop.log_in("Ada").await, shop.log_in("Bob").await);
    let (of_ada, of_bob) = (shop.buy(&ada).await, shop.buy(&bob).await);
    assert_ne!(of_ada, of_bob);

    // In any order, some of them several times.
    let order = "0f6a3c1e-58d7-4a43-9d0c-4f1d2a7b8c90";
    shop.deliver(&of_ada, order, &["--flow", "onramp", "--shuffle", "--duplicate", "3"]).await;
    assert!(shop.shows(&ada, &format!("<code>{order}</code></td><td>completed")).await);
    let (_, _, page) = shop.ask("GET", "/", &bob, "").await;
    assert!(page.contains("No orders yet."), "{page}");

    // What is known outlives the process.
    shop.restart().await;
    assert!(shop.shows(&ada, &format!("<code>{order}</code></td><td>completed")).await);

    // One token can start many orders.
    let next = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    shop.deliver(&of_ada, next, &["order:crypto-onramp:charged"]).await;
    assert!(shop.shows(&ada, &format!("<code>{next}</code></td><td>paid")).await);
}

#[tokio::test]
async fn makes_no_token_for_a_visitor_who_is_not_logged_in() {
    let shop = Shop::start().await;
    let form = format!("amount=100.00&address={WALLET}");
    for cookie in ["", "shop=", "shop=0123456789abcdef"] {
        let (status, _, body) = shop.ask("POST", "/buy", cookie, &form).await;
        assert_eq!((status, body.as_str()), (401, ""));
    }
    let ada = shop.log_in("Ada").await;
    for form in [format!("amount=1e3&address={WALLET}"), "amount=100.00&address=".to_owned()] {
        assert_eq!(shop.ask("POST", "/buy", &ada, &form).await.0, 400, "{form}");
    }
}
