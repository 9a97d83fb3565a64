//! A program that receives: it is started, and sent deliveries.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use topper_core::EventName;
use topper_testkit::{Delivery, EventBuilder, TestKey};

use super::Result;

/// What is sent to a program.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sent {
    /// A signed event, the same each time.
    Event,
    /// The same event with another body than the signed one.
    Forgery,
}

/// What is sent, and the status and the code that it must be answered with.
pub(super) type Exchange = (Sent, u16, &'static str);

/// Starts the program, which prints its address, and sends each delivery.
pub(super) fn try_out(program: &Path, exchanges: &[Exchange]) -> Result<()> {
    let key = TestKey::generate();
    let mut running = Running(
        Command::new(program)
            .env("TOPPER_WEBHOOK_PUBLIC_KEY", key.public_jwk())
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let stdout = running.0.stdout.take().ok_or("no output")?;
    let address = BufReader::new(stdout).lines().next().ok_or("it ended at once")??;
    let address: SocketAddr = address.parse()?;
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    let genuine = Delivery::signed(&key, event);
    let mut forged = genuine.clone();
    forged.body.push(b' ');
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for &(sent, status, code) in exchanges {
        let delivery = match sent {
            Sent::Event => &genuine,
            Sent::Forgery => &forged,
        };
        let answer = runtime.block_on(delivery.send(address, "/webhooks/topper"))?;
        if (answer.status, answer.body.as_str()) != (status, code) {
            let (was, body) = (answer.status, answer.body);
            return Err(format!("{sent:?} was answered {was} {body:?}, not {status} {code}").into());
        }
    }
    Ok(())
}

/// Ends with us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
