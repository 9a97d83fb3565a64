//! The receiver on Lambda as a process. Lambda's runtime API, from which it takes events and to which it
//! gives its answers, is a server of this test.
//!
//! The events were recorded from an HTTP API and a function URL. The tests put a delivery's headers and body
//! into them, and the client's address.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests stop at what should not happen"
)]

use std::{process::Stdio, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc},
    time::timeout,
};
use topper::{EventName, Reply};
use topper_testkit::{Delivery, EventBuilder, TestKey};

const RECORDED: [&str; 2] =
    [include_str!("events/http-api.json"), include_str!("events/function-url.json")];
const TOPPER: &str = "35.188.196.183";
const ENFORCE: &[(&str, &str)] = &[("TOPPER_WEBHOOK_SOURCES", "enforce")];

/// The function, and the two ends of Lambda that it does not see.
struct Function {
    events: mpsc::Sender<Value>,
    answers: mpsc::Receiver<(String, Value)>,
    _process: Child,
}

/// What the runtime API works with.
struct Api {
    events: Mutex<mpsc::Receiver<Value>>,
    answers: mpsc::Sender<(String, Value)>,
}

impl Function {
    async fn start(key: &TestKey, variables: &[(&str, &str)]) -> Self {
        let (events, next) = mpsc::channel(1);
        let (given, answers) = mpsc::channel(1);
        let api = Arc::new(Api { events: Mutex::new(next), answers: given });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(take_answer))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let process = Command::new(env!("CARGO_BIN_EXE_receive-lambda"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "webhooks")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("TOPPER_WEBHOOK_PUBLIC_KEY", key.public_jwk())
            .env("TOPPER_STORE_URL", "memory:")
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { events, answers, _process: process }
    }

    /// Status and body of the answer to an event.
    async fn answer(&mut self, event: Value) -> (u64, String) {
        self.events.send(event).await.unwrap();
        let answer = timeout(Duration::from_secs(20), self.answers.recv()).await;
        let (outcome, answer) = answer.unwrap().unwrap();
        assert_eq!(outcome, "response", "{answer}");
        assert_eq!(answer["headers"]["content-type"], "text/plain; charset=utf-8", "{answer}");
        assert_eq!(answer["isBase64Encoded"], false, "{answer}");
        (answer["statusCode"].as_u64().unwrap(), answer["body"].as_str().unwrap().to_owned())
    }
}

async fn next_event(State(api): State<Arc<Api>>) -> impl IntoResponse {
    let event = api.events.lock().await.recv().await.unwrap();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-2:123456789012:function:it",
        ),
        ("content-type", "application/json"),
    ];
    (headers, event.to_string())
}

async fn take_answer(
    State(api): State<Arc<Api>>,
    Path((_, outcome)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    api.answers.send((outcome, serde_json::from_str(&body).unwrap())).await.unwrap();
    StatusCode::ACCEPTED
}

/// A recorded event with a delivery in it, whose body is text or base64.
fn event(recorded: &str, delivery: &Delivery, is_base64: bool) -> Value {
    let mut event: Value = serde_json::from_str(recorded).unwrap();
    for (name, value) in &delivery.headers {
        event["headers"][name.to_lowercase()] = String::from_utf8(value.clone()).unwrap().into();
    }
    event["headers"]["content-length"] = delivery.body.len().to_string().into();
    event["isBase64Encoded"] = is_base64.into();
    event["body"] = if is_base64 {
        BASE64_STANDARD.encode(&delivery.body).into()
    } else {
        String::from_utf8(delivery.body.clone()).unwrap().into()
    };
    event
}

/// An event with the address that AWS saw, and another that the client says it has.
fn from(mut event: Value, source_ip: Value, forwarded: &str) -> Value {
    event["requestContext"]["http"]["sourceIp"] = source_ip;
    event["headers"]["x-forwarded-for"] = forwarded.into();
    event
}

/// An event of its own id with text that is not ASCII, and white space that no JSON writer would keep.
fn completed(key: &TestKey) -> Delivery {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let body = event.add("data.note", "für später").to_json();
    Delivery::signed(key, [&body[..], b" \n"].concat())
}

fn wire(reply: Reply) -> (u64, String) {
    (reply.status().into(), reply.code().to_owned())
}

#[tokio::test]
async fn receives_each_event_once_whether_its_body_is_text_or_base64() {
    let key = TestKey::generate();
    let mut function = Function::start(&key, &[]).await;
    for recorded in RECORDED {
        for (is_base64, is_base64_again) in [(false, true), (true, false)] {
            let delivery = completed(&key);
            let first = function.answer(event(recorded, &delivery, is_base64)).await;
            assert_eq!(first, wire(Reply::Processed));
            let second = function.answer(event(recorded, &delivery, is_base64_again)).await;
            assert_eq!(second, wire(Reply::Duplicate));
            let forged = delivery.clone().with_body([&delivery.body[..], b" "].concat());
            let third = function.answer(event(recorded, &forged, is_base64)).await;
            assert_eq!(third, wire(Reply::SignatureInvalid));
        }
        let ignored = EventBuilder::new(EventName::UserCreated).to_json();
        let answer = function.answer(event(recorded, &Delivery::signed(&key, ignored), true)).await;
        assert_eq!(answer, wire(Reply::Ignored));
    }
}

#[tokio::test]
async fn refuses_what_is_not_signed_or_signed_twice() {
    let key = TestKey::generate();
    let mut function = Function::start(&key, &[]).await;
    for recorded in RECORDED {
        let as_recorded = serde_json::from_str(recorded).unwrap();
        assert_eq!(function.answer(as_recorded).await, wire(Reply::SignatureMissing));
        // Two lines of a header reach a function as one.
        let delivery = completed(&key);
        let signature = String::from_utf8(delivery.headers.last().unwrap().1.clone()).unwrap();
        let twice = delivery.with_signature(format!("{signature},{signature}"));
        let answer = function.answer(event(recorded, &twice, false)).await;
        assert_eq!(answer, wire(Reply::SignatureMalformed));
        let large = Delivery::signed(&key, vec![b' '; 256 * 1024 + 1]);
        let answer = function.answer(event(recorded, &large, true)).await;
        assert_eq!(answer, wire(Reply::BodyTooLarge));
    }
}

#[tokio::test]
async fn knows_the_client_by_the_address_that_aws_saw() {
    let key = TestKey::generate();
    let mut function = Function::start(&key, ENFORCE).await;
    for recorded in RECORDED {
        for (source_ip, forwarded, reply) in [
            (json!(TOPPER), TOPPER, Reply::Processed),
            (json!(TOPPER), "65.78.31.245", Reply::Processed),
            (json!("65.78.31.245"), TOPPER, Reply::SourceForbidden),
            (json!("2001:db8::1"), TOPPER, Reply::SourceForbidden),
            (json!("unknown"), TOPPER, Reply::SourceUnknown),
            (Value::Null, TOPPER, Reply::SourceUnknown),
        ] {
            let event = event(recorded, &completed(&key), true);
            let answer = function.answer(from(event, source_ip.clone(), forwarded)).await;
            assert_eq!(answer, wire(reply), "{source_ip} {forwarded}");
        }
    }
}
