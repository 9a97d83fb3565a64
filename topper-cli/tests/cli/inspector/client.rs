//! A client of the page's routes.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

const MOST: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    /// Host and port.
    host: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }
}

impl Client {
    /// Of a page's URL.
    pub(crate) fn new(url: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        Self { host: host.to_owned() }
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Response<Incoming> {
        let socket = TcpStream::connect(&self.host).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", &self.host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::from(body.unwrap_or_default().to_owned()));
        timeout(MOST, sender.send_request(request.body(body).unwrap())).await.unwrap().unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let (head, body) = self.ask(method, path, headers, body).await.into_parts();
        let body = timeout(MOST, body.collect()).await.unwrap().unwrap().to_bytes().to_vec();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// The JSON of a route.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &[], None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, method: &str, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send(method, path, &json, Some(&body.to_string())).await
    }

    /// An answer that comes line by line, as soon as what is in its way has ended.
    pub(crate) async fn lines(&self, path: &str, body: &Value) -> Lines {
        let json = [("content-type", "application/json")];
        let started = Instant::now();
        loop {
            let answer = self.ask("POST", path, &json, Some(&body.to_string())).await;
            if answer.status() == 409 && started.elapsed() < Duration::from_secs(2) {
                sleep(Duration::from_millis(10)).await;
                continue;
            }
            assert_eq!(answer.status(), 200, "{body}");
            assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
            return Lines { body: answer.into_body(), text: String::new() };
        }
    }

    /// An answer that comes in pieces.
    pub(crate) async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Stream {
        let answer = self.ask("GET", path, headers, None).await;
        assert_eq!(answer.status(), 200);
        Stream { body: answer.into_body(), text: String::new() }
    }
}

/// Server-sent events.
pub(crate) struct Stream {
    body: Incoming,
    text: String,
}

impl Stream {
    /// The data of the next event of this kind.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        let first = format!("event: {kind}\n");
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if event.starts_with(&first) {
                    let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
                    return serde_json::from_str(data).unwrap();
                }
            }
            let frame = timeout(MOST, self.body.frame()).await.unwrap().unwrap().unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}

/// JSON, line by line. The client hangs up when this is dropped.
pub(crate) struct Lines {
    body: Incoming,
    text: String,
}

impl Lines {
    /// The next line; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let line = serde_json::from_str(line).unwrap();
                self.text = rest.to_owned();
                return Some(line);
            }
            let frame = timeout(MOST, self.body.frame()).await.unwrap()?.unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }

    pub(crate) async fn all(mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(line) = self.next().await {
            all.push(line);
        }
        all
    }
}
