//! Just enough of HTTP/1.1 for a program without a framework.

use std::{io, net::IpAddr};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use topper::Reply;

pub struct Request {
    pub peer: IpAddr,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Prints its address, and answers one request after the other.
pub async fn serve(answer: impl AsyncFn(Request) -> Reply) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (socket, peer) = listener.accept().await?;
        let mut socket = BufReader::new(socket);
        let reply = answer(read(&mut socket, peer.ip()).await?).await;
        let (status, code) = (reply.status(), reply.code());
        let length = code.len();
        let response = format!(
            "HTTP/1.1 {status} \r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{code}"
        );
        socket.write_all(response.as_bytes()).await?;
    }
}

async fn read(socket: &mut BufReader<TcpStream>, peer: IpAddr) -> io::Result<Request> {
    let mut line = String::new();
    socket.read_line(&mut line).await?;
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        line.clear();
        socket.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name == "content-length" {
            length = value.parse().map_err(io::Error::other)?;
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    Ok(Request { peer, headers, body })
}
