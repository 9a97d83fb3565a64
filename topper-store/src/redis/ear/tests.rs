use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufWriter, duplex};

use super::*;

fn heard(bytes: &[u8]) -> Ear {
    let ear = Ear::default();
    ear.lock().bytes.extend(bytes);
    ear
}

#[test]
fn what_was_said_before_an_answer_is_why_there_is_none() {
    let closed = || Failure::Broken(Cause::Closed);
    let ear = heard(b"-ERR max number of clients reached\r\n");
    assert!(ear.failure(closed()).is("ERR"));
    // It is why a connection ended, and not why an answer takes long.
    assert!(matches!(ear.failure(Failure::TooSlow), Failure::TooSlow));
    ear.has_answer();
    assert!(matches!(ear.failure(closed()), Failure::Broken(Cause::Closed)));

    let failure = heard(b"HTTP/1.1 400 Bad Request\r\n").failure(closed());
    assert!(matches!(failure, Failure::Broken(Cause::Unusable(_))));
    for bytes in ["", "+OK\r\n", "-ERR with no end"] {
        let failure = heard(bytes.as_bytes()).failure(closed());
        assert!(matches!(failure, Failure::Broken(Cause::Closed)), "{bytes}");
    }
}

#[tokio::test]
async fn no_more_is_kept_than_a_line_may_have() {
    let (near, mut far) = duplex(4 * MOST);
    let ear = Ear::default();
    let mut stream = Stream::new(near, ear.clone());
    let mut buffer = vec![0; 300];
    far.write_all(&[b'x'; 900]).await.unwrap();
    for (kept, is_over) in [(300, false), (MOST, true), (MOST, true)] {
        stream.read_exact(&mut buffer).await.unwrap();
        assert_eq!((ear.lock().bytes.len(), stream.is_over), (kept, is_over));
    }
}

#[tokio::test]
async fn after_an_answer_nothing_is_kept() {
    let (near, mut far) = duplex(64);
    let ear = Ear::default();
    let mut stream = Stream::new(near, ear.clone());
    far.write_all(b"first second").await.unwrap();
    ear.has_answer();
    stream.read_exact(&mut [0; 5]).await.unwrap();
    assert!(stream.is_over);
    let kept = ear.lock().bytes.len();
    stream.read_exact(&mut [0; 7]).await.unwrap();
    assert_eq!(ear.lock().bytes.len(), kept);
}

#[tokio::test]
async fn what_is_written_is_sent_when_it_is_flushed_and_the_end_is_sent_too() {
    let (near, mut far) = duplex(64);
    let mut stream = Stream::new(BufWriter::new(near), Ear::default());
    stream.write_all(b"all").await.unwrap();
    stream.flush().await.unwrap();
    let mut read = [0; 3];
    far.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"all");
    stream.shutdown().await.unwrap();
    assert_eq!(far.read(&mut read).await.unwrap(), 0);
}

#[test]
fn only_a_certificate_that_is_wanted_has_advice() {
    let advised = |error: &str| with_advice(Cause::Tls(error.to_owned())).to_string();
    assert!(advised("received fatal alert: CertificateRequired").contains("?sslcert=FILE"));
    assert_eq!(advised("another"), "TLS failed: another");
}
