//! Every receiver that is measured answers a signed event and a forged one as it must.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
};

use topper::EventName;
use topper_benchmarks::PATH;
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey};

struct Receiver {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Receiver {
    fn start(name: &str, key: &TestKey) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free for as long as it takes to start the receiver: nothing else here asks for this port.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_receiver"))
            .arg(name)
            .env("PORT", address.port().to_string())
            .env("TOPPER_WEBHOOK_PUBLIC_KEY", key.public_jwk())
            .env("STORE_URL", format!("sqlite://{}", folder.path().join("events.db").display()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let receiver = Self { process, address, _folder: folder };
        assert_eq!(lines.next().unwrap().unwrap(), "listening", "{name}");
        receiver
    }

    async fn send(&self, delivery: &Delivery) -> Answer {
        delivery.send(self.address, PATH).await.unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn delivery(key: &TestKey) -> Delivery {
    Delivery::signed(key, EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json())
}

async fn answers(name: &str, first: &str, again: &str) {
    let key = TestKey::generate();
    let receiver = Receiver::start(name, &key);
    let genuine = delivery(&key);
    for code in [first, again] {
        let answer = receiver.send(&genuine).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, code), "{name}");
    }
    let other_key = delivery(&TestKey::generate());
    let other_body = genuine.clone().with_body(delivery(&key).body);
    let unsigned = Delivery::unsigned(genuine.body.clone());
    for forged in [other_key, other_body, unsigned] {
        assert_eq!(receiver.send(&forged).await.status, 401, "{name}");
    }
}

macro_rules! receivers {
    ($($test:ident: $name:literal, $first:literal, $again:literal;)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                answers($name, $first, $again).await;
            }
        )*
    };
}

receivers! {
    axum_answers_an_event_and_refuses_forgeries: "axum", "processed", "processed";
    axum_by_hand_answers_an_event_and_refuses_forgeries: "axum-by-hand", "processed", "processed";
    actix_answers_an_event_and_refuses_forgeries: "actix", "processed", "processed";
    actix_by_hand_answers_an_event_and_refuses_forgeries: "actix-by-hand", "processed", "processed";
    warp_answers_an_event_and_refuses_forgeries: "warp", "processed", "processed";
    warp_by_hand_answers_an_event_and_refuses_forgeries: "warp-by-hand", "processed", "processed";
    rocket_answers_an_event_and_refuses_forgeries: "rocket", "processed", "processed";
    rocket_by_hand_answers_an_event_and_refuses_forgeries: "rocket-by-hand", "processed", "processed";
    hyper_answers_an_event_and_refuses_forgeries: "hyper", "processed", "processed";
    hyper_by_hand_answers_an_event_and_refuses_forgeries: "hyper-by-hand", "processed", "processed";
    once_answers_an_event_once: "axum-once", "processed", "duplicate";
    once_by_hand_answers_an_event_once: "axum-once-by-hand", "processed", "duplicate";
    inbox_answers_an_event_once: "axum-inbox", "accepted", "duplicate";
    inbox_by_hand_answers_an_event_once: "axum-inbox-by-hand", "accepted", "duplicate";
}
