//! One connection to one server.

use std::{
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Cmd, Pipeline, RedisConnectionInfo, Value,
    aio::MultiplexedConnection,
    io::tcp::socket2::{SockRef, TcpKeepalive},
};
use tokio::{
    net::TcpStream,
    task::{JoinHandle, unconstrained},
    time::{Instant, timeout, timeout_at},
};

use super::{
    answer::{Failure, can_pass},
    ear::{Ear, Stream},
    url::{Address, Login},
};
use crate::cause::{Cause, ConnectError};

/// How long an answer is waited for; then the connection is closed.
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(2);
/// From a name to a connection that can be used.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// What notices a host that has vanished, or a firewall that has forgotten the connection, before a
/// delivery does.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// What may be on its way to one server at once.
pub(super) const MOST_IN_FLIGHT: usize = 64;

/// An open connection, closed when it is dropped.
pub(super) struct Link {
    pub(super) address: Address,
    pub(super) sender: Sender,
    driver: Driver,
    has_ended: bool,
    ear: Ear,
}

/// What is sent over a [`Link`].
#[derive(Clone)]
pub(super) struct Sender(MultiplexedConnection);

/// Reads and writes; its end is the end of the connection.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What connects to a server needs to know.
#[derive(Clone)]
pub(super) struct Opener {
    pub(super) login: Login,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<super::tls::Tls>,
}

/// Why a server could not be connected to, and whether waiting helps.
#[derive(Debug)]
pub(super) struct OpenError {
    pub(super) error: ConnectError,
    pub(super) can_pass: bool,
    /// The first word of the server's answer, where that is why.
    pub(super) code: String,
}

impl OpenError {
    pub(super) fn new(address: &Address, cause: Cause) -> Self {
        let can_pass = cause.is_passing();
        let error = ConnectError { address: address.to_string(), cause };
        Self { error, can_pass, code: String::new() }
    }

    pub(super) fn of(address: &Address, failure: Failure) -> Self {
        let can_pass = match &failure {
            Failure::Answer(error) => can_pass(error),
            Failure::TooSlow => true,
            Failure::Broken(_) => false,
        };
        let code = match &failure {
            Failure::Answer(error) => error.code().to_owned(),
            _ => String::new(),
        };
        let error = Self::new(address, failure.cause());
        Self { can_pass: can_pass || error.can_pass, code, ..error }
    }

    /// Whether the server answers with such an error.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }
}

impl Opener {
    /// Connects and logs in. The name is looked up each time: it may be of another server now.
    pub(super) async fn open(&self, address: &Address) -> Result<Link, OpenError> {
        let deadline = Instant::now() + CONNECT_TIME;
        let refused = |cause| OpenError::new(address, cause);
        let stream = connect(address, deadline).await.map_err(refused)?;
        let ear = Ear::default();
        let speaking = self.speak(address, stream, deadline, &ear);
        let (sender, driver) = speaking.await.map_err(refused)?;
        let mut link = Link { address: address.clone(), sender, driver, has_ended: false, ear };
        self.log_in(&mut link).await.map_err(|failure| OpenError::of(address, failure))?;
        Ok(link)
    }

    async fn speak(
        &self,
        address: &Address,
        stream: TcpStream,
        deadline: Instant,
        ear: &Ear,
    ) -> Result<(Sender, Driver), Cause> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let encrypting = timeout_at(deadline, tls.encrypt(&address.host, stream));
            let stream = encrypting.await.unwrap_or_else(|_| {
                let error =
                    "no answer to the handshake; check that the server speaks TLS on this port";
                Err(Cause::Tls(error.to_owned()))
            })?;
            return speak(stream, ear).await;
        }
        let _ = (address, deadline);
        speak(stream, ear).await
    }

    async fn log_in(&self, link: &mut Link) -> Result<(), Failure> {
        if let Some(password) = &self.login.password {
            let mut command = redis::cmd("AUTH");
            if let Some(user) = &self.login.user {
                command.arg(user);
            }
            link.ask(command.arg(password)).await?;
        }
        if self.login.database != 0 {
            link.ask(redis::cmd("SELECT").arg(self.login.database)).await?;
        }
        Ok(())
    }
}

impl Link {
    /// Asks one thing; for before others share the connection.
    pub(super) async fn ask(&mut self, command: &Cmd) -> Result<Value, Failure> {
        let mut pipeline = Pipeline::with_capacity(1);
        pipeline.add_command(command.clone());
        let asking = timeout(ANSWER_TIME, self.sender.send(pipeline));
        let answers = asking.await.unwrap_or(Err(Failure::TooSlow));
        let answer = answers
            .and_then(|mut answers| answers.pop().unwrap_or(Err(Failure::Broken(Cause::Closed))));
        match answer {
            Err(failure @ Failure::Broken(_)) => Err(self.ear.failure(failure)),
            answer => {
                self.ear.has_answer();
                answer
            }
        }
    }

    /// Ready when the connection has ended.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.has_ended {
            return Poll::Ready(());
        }
        let polled = Pin::new(&mut self.driver.0).poll(context).map(drop);
        self.has_ended = polled.is_ready();
        polled
    }
}

impl Sender {
    /// Sends all at once, when first polled; the answers come in the same order.
    pub(super) fn send(
        &self,
        pipeline: Pipeline,
    ) -> impl Future<Output = Result<Vec<Result<Value, Failure>>, Failure>> + Send + 'static {
        let mut connection = self.0.clone();
        // Without it what is sent later may overtake it.
        unconstrained(async move {
            let answers = connection.send_packed_commands(&pipeline, 0, pipeline.len()).await?;
            Ok(answers
                .into_iter()
                .map(|answer| match answer {
                    Value::ServerError(error) => Err(Failure::Answer(error)),
                    answer => Ok(answer),
                })
                .collect())
        })
    }
}

/// A connection, without a word said.
async fn speak<S>(stream: S, ear: &Ear) -> Result<(Sender, Driver), Cause>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let stream = Stream::new(stream, ear.clone());
    // We log in ourselves, so that an error is the server's own.
    let settings = RedisConnectionInfo::default().set_skip_set_lib_name();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(MOST_IN_FLIGHT * 2);
    let (connection, driver) = MultiplexedConnection::new_with_config(&settings, stream, config)
        .await
        .map_err(|error| Failure::from(error).cause())?;
    Ok((Sender(connection), Driver(tokio::spawn(driver))))
}

async fn connect(address: &Address, deadline: Instant) -> Result<TcpStream, Cause> {
    let looking = tokio::net::lookup_host((address.host.as_str(), address.port));
    let found: Vec<SocketAddr> = match timeout_at(deadline, looking).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) => return Err(Cause::HostNotFound),
        Err(_) => {
            return Err(Cause::Other(
                "the DNS did not answer within 5 s; check the name servers of this machine"
                    .to_owned(),
            ));
        }
    };
    let mut cause = Cause::HostNotFound;
    let mut left = u32::try_from(found.len()).unwrap_or(u32::MAX);
    for address in found {
        // So that one which is silent leaves time for the others.
        let time = deadline.saturating_duration_since(Instant::now()) / left.max(1);
        left = left.saturating_sub(1);
        match timeout(time, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // What fails here makes no connection unusable.
                let _ = stream.set_nodelay(true);
                let socket = SockRef::from(&stream);
                let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
                let _ = socket.set_tcp_keepalive(&keepalive);
                // So that a connection to a host that has vanished ends.
                #[cfg(target_os = "linux")]
                let _ = socket.set_tcp_user_timeout(Some(ANSWER_TIME));
                return Ok(stream);
            }
            Ok(Err(error)) => {
                cause = Cause::find(&error).unwrap_or_else(|| Cause::Other(error.to_string()));
            }
            Err(_) => cause = Cause::TooSlow(CONNECT_TIME),
        }
    }
    Err(cause)
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::*;

    #[test]
    fn waiting_helps_if_the_answer_or_the_cause_can_pass() {
        let address = Address { host: "host".to_owned(), port: 1 };
        let answer = |line: &str| match parse_redis_value(line.as_bytes()).unwrap() {
            Value::ServerError(error) => Failure::Answer(error),
            other => panic!("{other:?}"),
        };
        for (failure, can_pass, code) in [
            // What is said of it does not look as if it could pass.
            (answer("-READONLY a\r\n"), true, "READONLY"),
            (answer("-LOADING a\r\n"), true, "LOADING"),
            (answer("-WRONGPASS a\r\n"), false, "WRONGPASS"),
            (Failure::TooSlow, true, ""),
            (Failure::Broken(Cause::Closed), true, ""),
            (Failure::Broken(Cause::UnknownCa), false, ""),
        ] {
            let error = OpenError::of(&address, failure);
            assert_eq!((error.can_pass, error.code.as_str()), (can_pass, code));
            assert!(error.is(code) && !error.is("MOVED"));
        }
    }
}
