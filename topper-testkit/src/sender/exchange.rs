//! One request and its answer, over a connection that is open.

use std::{error::Error, io, time::Instant};

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{Request, body::Bytes, client::conn::http1, header::CONTENT_TYPE};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls;

use super::{
    first_byte::WithFirstByte,
    unreachable::{Unreachable, UnreachableKind, in_chain},
};
use crate::Answer;

/// The most bytes of an answer's body that are kept.
const MOST_BYTES: usize = 64 * 1024;

type BoxError = Box<dyn Error + Send + Sync>;

/// Sends a request, and reads the answer.
pub(super) async fn exchange<S>(
    socket: S,
    request: Request<Full<Bytes>>,
    started: Instant,
) -> Result<Answer, Unreachable>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (socket, first) = WithFirstByte::new(socket);
    let answer = answer(socket, request, started).await;
    answer.map_err(|error| {
        let error = io::Error::other(error);
        match in_chain::<rustls::Error>(&error) {
            Some(_) => Unreachable::from(error),
            None => Unreachable::new(kind(&error, first.get().copied()), error),
        }
    })
}

/// Why there is no answer, by the first byte that came back.
fn kind(error: &io::Error, first: Option<u8>) -> UnreachableKind {
    let is_unreadable = in_chain::<hyper::Error>(error).is_some_and(hyper::Error::is_parse);
    match first {
        None => UnreachableKind::Closed,
        // An alert or a handshake of TLS (RFC 8446, section 5.1).
        Some(0x15 | 0x16) => UnreachableKind::NeedsTls,
        Some(b'H') if !is_unreadable => UnreachableKind::CutShort,
        Some(_) => UnreachableKind::NotHttp,
    }
}

async fn answer<S>(
    socket: S,
    request: Request<Full<Bytes>>,
    started: Instant,
) -> Result<Answer, BoxError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        let body = match Limited::new(response.into_body(), MOST_BYTES).collect().await {
            Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            Err(error) if error.is::<LengthLimitError>() => String::new(),
            Err(error) => return Err(error),
        };
        Ok(Answer { status, content_type, body, elapsed: started.elapsed() })
    };
    // The connection is driven here and not in a task, so that nothing goes on when this is dropped.
    tokio::pin!(exchange, connection);
    let mut ended = None;
    loop {
        tokio::select! {
            answer = &mut exchange => {
                return answer.map_err(|error| match ended {
                    // The connection ended before the request was on it: the reason is its own.
                    Some(Err(reason)) => BoxError::from(reason),
                    _ => error,
                });
            }
            result = &mut connection, if ended.is_none() => ended = Some(result),
        }
    }
}
