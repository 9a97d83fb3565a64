use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use topper::tower::WebhookService;
use topper::{Outcome, Retry, Verifier, Webhook};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let webhook = WebhookService::new(Verifier::from_env()?, |verified| verified.run(process));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (socket, peer) = listener.accept().await?;
        let webhook = webhook.clone().peer(move |_| Some(peer.ip()));
        let answers = service_fn(move |request| webhook.answer(request));
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new());
        tokio::spawn(server.serve_connection(TokioIo::new(socket), answers));
    }
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}
