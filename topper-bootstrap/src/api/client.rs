//! What a client gets to send, and what it brings back.

use std::{error::Error, fmt};

use crate::Environment;

/// The most bytes of an answer's body. The recorded list of payment methods has some ten thousand.
const MOST_BYTES: usize = 1024 * 1024;

/// Any error, boxed. `?` converts errors into it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Sends the requests to Topper: an HTTP client of your choice, behind one function.
///
/// A function or closure from a [`Request`] to a future is a client, too. A client must:
///
/// - send the method and the URL of the request, and its JSON with `Content-Type: application/json`;
/// - verify the server's certificate;
/// - **follow no redirect**: the request may have a signed token, which must not reach another host;
/// - give up after some seconds, because nothing here has a time limit;
/// - read the body piece by piece with [`Answer::push`], which limits its size;
/// - return the answer for every status, and an error only if the answer is missing or incomplete;
/// - not log the JSON of a request.
///
/// # Examples
///
/// A client on reqwest:
///
/// ```
/// use std::time::Duration;
/// use topper_bootstrap::api::{Answer, BoxError, Client, Request};
///
/// struct MyClient(reqwest::Client);
///
/// impl MyClient {
///     fn new() -> reqwest::Result<Self> {
///         let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
///         builder.timeout(Duration::from_secs(10)).build().map(Self)
///     }
/// }
///
/// impl Client for MyClient {
///     async fn send(&self, request: Request) -> Result<Answer, BoxError> {
///         let call = match request.json() {
///             Some(json) => {
///                 let call = self.0.post(request.url()).header("Content-Type", "application/json");
///                 call.body(json.to_owned())
///             }
///             None => self.0.get(request.url()),
///         };
///         let mut response = call.send().await?;
///         let mut answer = Answer::new(response.status().as_u16());
///         while let Some(piece) = response.chunk().await? {
///             answer.push(&piece)?;
///         }
///         Ok(answer)
///     }
/// }
///
/// assert!(MyClient::new().is_ok());
/// ```
///
/// A client for tests, which answers without a network:
///
/// ```
/// use topper_bootstrap::{Environment, Flow, api::{self, Answer, BoxError, Request}};
///
/// async fn recorded(request: Request) -> Result<Answer, BoxError> {
///     assert_eq!(request.url(), "https://api.sandbox.topperpay.com/assets/crypto-onramp");
///     let mut answer = Answer::new(200);
///     answer.push(br#"{"assets": {"source": [{"code": "EUR", "name": "Euro"}], "target": []}}"#)?;
///     Ok(answer)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), api::ApiError> {
/// let assets = api::assets(&recorded, Environment::Sandbox, Flow::CryptoOnramp).await?;
/// assert_eq!(assets.source[0].code, "EUR");
/// # Ok(())
/// # }
/// ```
pub trait Client: Send + Sync {
    /// Sends a request, and reads the answer.
    fn send(&self, request: Request) -> impl Future<Output = Result<Answer, BoxError>> + Send;
}

impl<F, A> Client for F
where
    F: Fn(Request) -> A + Send + Sync,
    A: Future<Output = Result<Answer, BoxError>> + Send,
{
    fn send(&self, request: Request) -> impl Future<Output = Result<Answer, BoxError>> + Send {
        self(request)
    }
}

/// A request to Topper's API.
///
/// `Debug` does not show the JSON, which may have a signed token in it.
#[derive(Clone)]
pub struct Request {
    url: String,
    json: Option<String>,
}

impl Request {
    pub(super) fn get(environment: Environment, path: &str) -> Self {
        Self { url: format!("{}{path}", environment.api_url()), json: None }
    }

    pub(super) fn post(environment: Environment, path: &str, json: String) -> Self {
        Self { url: format!("{}{path}", environment.api_url()), json: Some(json) }
    }

    /// `GET`, or `POST` for a request with JSON.
    pub fn method(&self) -> &'static str {
        if self.json.is_some() { "POST" } else { "GET" }
    }

    /// The whole URL, which begins with `https://` and has no query.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The body, if there is one. It may have a signed token in it: do not log it.
    pub fn json(&self) -> Option<&str> {
        self.json.as_deref()
    }

    /// The same, without a copy.
    pub fn into_json(self) -> Option<String> {
        self.json
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method())
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer of Topper's API, while it is read.
///
/// It holds at most 1 MiB. `Debug` shows the status and the number of bytes.
#[derive(Clone)]
#[must_use]
pub struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// The most bytes of its body: 1 MiB.
    pub const MOST_BYTES: usize = MOST_BYTES;

    /// An answer without a body so far.
    pub fn new(status: u16) -> Self {
        Self { status, body: Vec::new() }
    }

    /// Adds the next piece of the body.
    ///
    /// # Errors
    ///
    /// When the body gets longer than [`MOST_BYTES`](Self::MOST_BYTES). Return this error from the
    /// client, without reading on.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), AnswerTooLong> {
        // Neither is over the limit before, so the sum does not overflow.
        if piece.len() > MOST_BYTES || self.body.len() + piece.len() > MOST_BYTES {
            return Err(AnswerTooLong);
        }
        self.body.extend_from_slice(piece);
        Ok(())
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body so far, as received.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The body of an answer is longer than [`Answer::MOST_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is longer than {MOST_BYTES} bytes")]
#[non_exhaustive]
pub struct AnswerTooLong;
