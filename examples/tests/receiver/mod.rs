//! The example receivers as processes.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    process::{Child, Command},
    time::{sleep, timeout},
};
use topper_testkit::TestKey;

pub(crate) const RECEIVERS: [&str; 5] = [
    env!("CARGO_BIN_EXE_receive-actix"),
    env!("CARGO_BIN_EXE_receive-axum"),
    env!("CARGO_BIN_EXE_receive-rocket"),
    env!("CARGO_BIN_EXE_receive-warp"),
    env!("CARGO_BIN_EXE_receive-hyper"),
];

/// A receiver that works in a folder, which is where its database comes to be.
pub(crate) fn command(receiver: &str, folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(receiver);
    // What the tests do not ask for they do not wait for.
    command
        .env_clear()
        .env("SHUTDOWN_DELAY", "0")
        .envs(variables.iter().copied())
        .current_dir(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A receiver that answers on a port of its own.
pub(crate) async fn start(
    receiver: &str,
    folder: &Path,
    key: &TestKey,
    settings: &[(&str, &str)],
) -> (Child, SocketAddr) {
    // A port for this receiver only. It is bound and not listened on: a process that another test
    // starts just then has copies of our sockets for a moment, and would take connections with a copy
    // that listens.
    let reserved = TcpSocket::new_v4().unwrap();
    reserved.set_reuseaddr(true).unwrap();
    reserved.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = reserved.local_addr().unwrap();
    let (key, port_text) = (key.public_jwk(), address.port().to_string());
    let mut variables = vec![("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()), ("PORT", &port_text)];
    variables.extend(settings);
    let child = command(receiver, folder, &variables).spawn().unwrap();
    let listens = async {
        while TcpStream::connect(address).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(timeout(Duration::from_secs(20), listens).await.is_ok(), "{receiver} does not listen");
    (child, address)
}

pub(crate) async fn end(child: Child, signal: &str) -> Output {
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
    timeout(Duration::from_secs(8), child.wait_with_output()).await.unwrap().unwrap()
}
