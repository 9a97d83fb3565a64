//! Which server is the primary, as Sentinels know it.

use std::time::Duration;

use redis::Value;
use tokio::time::timeout;

use super::{
    answer::Failure,
    connection::{OpenError, Opener},
    url::Address,
};
use crate::cause::Cause;

/// So that one which is silent leaves time for the others.
const TIME_EACH: Duration = Duration::from_secs(1);

/// Asks one after the other, until one knows.
pub(super) async fn primary(
    opener: &Opener,
    addresses: &[Address],
    service: &str,
) -> Result<Address, OpenError> {
    let mut first = None;
    for address in addresses {
        let asked = timeout(TIME_EACH, ask(opener, address, service)).await;
        let asked =
            asked.unwrap_or_else(|_| Err(OpenError::new(address, Cause::TooSlow(TIME_EACH))));
        match asked {
            Ok(primary) => return Ok(primary),
            // One that can pass is not hidden by one that cannot.
            Err(error) => match &first {
                Some(OpenError { can_pass: true, .. }) => {}
                Some(_) if !error.can_pass => {}
                _ => first = Some(error),
            },
        }
    }
    Err(first.unwrap_or_else(|| {
        let nowhere = Address { host: service.to_owned(), port: 0 };
        OpenError::new(&nowhere, Cause::HostNotFound)
    }))
}

async fn ask(opener: &Opener, address: &Address, service: &str) -> Result<Address, OpenError> {
    let mut link = opener.open(address).await.map_err(|error| with_advice(address, error))?;
    let mut command = redis::cmd("SENTINEL");
    command.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
    let answer = link.ask(&command).await;
    let unusable = |what: String| OpenError::new(address, Cause::Unusable(what));
    match answer {
        Ok(Value::Array(parts)) => match parts.as_slice() {
            [host, port] => match (text(host), text(port).and_then(|port| port.parse().ok())) {
                (Some(host), Some(port)) => Ok(Address { host: host.to_owned(), port }),
                _ => Err(unusable("it returned no address of the primary".to_owned())),
            },
            _ => Err(unusable("it returned no address of the primary".to_owned())),
        },
        Ok(_) => {
            let known = services(&mut link).await;
            let error = unusable(format!(
                "this Sentinel does not know the service in the URL; it knows: {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ));
            // It may have just started.
            Err(OpenError { can_pass: known.is_empty(), ..error })
        }
        Err(Failure::Answer(error))
            if error.details().is_some_and(|it| it.contains("unknown command")) =>
        {
            Err(unusable(
                "it is not a Sentinel; for a Redis server use redis://host:6379/0".to_owned(),
            ))
        }
        Err(failure) => Err(with_advice(address, OpenError::of(address, failure))),
    }
}

/// The login of a URL is for the servers, not for the Sentinels.
fn with_advice(address: &Address, error: OpenError) -> OpenError {
    match error.error.cause {
        Cause::Refusal { answer, .. } if ["NOAUTH", "WRONGPASS"].contains(&error.code.as_str()) => {
            let advice = "this Sentinel has its own login: add `?sentinel_password=` to the URL, \
                          and `&sentinel_user=` if it has a user name";
            OpenError::new(address, Cause::Refusal { answer, advice, is_passing: false })
        }
        _ => error,
    }
}

/// The names of the services that a Sentinel watches.
pub(super) async fn services(link: &mut super::connection::Link) -> Vec<String> {
    let Ok(Value::Array(services)) = link.ask(redis::cmd("SENTINEL").arg("MASTERS")).await else {
        return Vec::new();
    };
    let name = |service: &Value| {
        let Value::Array(fields) = service else { return None };
        let mut fields = fields.iter().map(text);
        while let Some(field) = fields.next() {
            let value = fields.next().flatten();
            if field == Some("name") {
                return value.map(str::to_owned);
            }
        }
        None
    };
    services.iter().filter_map(name).collect()
}

pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}
