//! A server that says what a test wants.

use std::sync::Arc;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// An answer after which the connection is closed.
pub(super) const CLOSE: &str = "close";

/// Answers each command as `answer` says, on 127.0.0.1 and the port returned; an empty answer is none.
pub(super) async fn serve(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> u16 {
    serve_at(0, answer).await
}

/// The same on this port.
pub(super) async fn serve_at(
    port: u16,
    answer: impl Fn(&str) -> String + Send + Sync + 'static,
) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move { talk(stream, &*answer).await });
        }
    });
    port
}

async fn talk(stream: TcpStream, answer: &(dyn Fn(&str) -> String + Send + Sync)) {
    let mut stream = BufReader::new(stream);
    while let Some(count) = number(&mut stream).await {
        let mut words = Vec::new();
        for _ in 0..count {
            let Some(length) = number(&mut stream).await else { return };
            let mut word = vec![0; length + 2];
            if stream.read_exact(&mut word).await.is_err() {
                return;
            }
            words.push(String::from_utf8_lossy(word.get(..length).unwrap()).into_owned());
        }
        let answer = answer(&words.join(" "));
        if answer == CLOSE || stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
    answer("closed");
}

/// That after the first character of a line.
async fn number(stream: &mut BufReader<TcpStream>) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.trim().get(1..)?.parse().ok()
}

/// As Redis sends a text.
pub(super) fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}
