//! Makes a connection: look-up, connect, TLS handshake, each within its limit.

use std::future::pending;
use std::pin::pin;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::run::ShardRun;
use crate::clock;
use crate::net::{Connection, Deadline, Expiry, Failure, TlsClient};
use crate::runtime::Socket;

/// How long a request takes at least that fails on this machine already.
const LOCAL_FAILURE_PAUSE: Nanos = MILLISECOND;

/// Why there is no connection.
pub enum Unopened {
    /// A step failed.
    Failed(Failure),
    /// The run is over.
    Cancelled,
}

/// Makes a connection for a run, watched by `deadline`.
///
/// # Errors
/// See [`Unopened`].
pub async fn open(
    run: &ShardRun,
    deadline: &Deadline,
) -> Result<(Connection, PhaseTimings), Unopened> {
    let limit = run.bounds().connect_timeout;
    let begun = clock::now();
    deadline.set(begun + limit);
    let route = deadline.guard(pin!(run.names().next())).await;
    let route = match in_time(route, ErrorClass::Resolve)? {
        Ok(route) => route,
        Err(failure) => return Err(breathe(deadline, failure).await),
    };
    let found = clock::now();
    deadline.set(found + limit);
    if let Err(denied) = run.may_connect(route.to, route.from) {
        return Err(breathe(deadline, denied).await);
    }
    let connecting = pin!(Socket::connect(route.to, route.from));
    let connecting = deadline.guard(connecting).await;
    let socket = match connecting {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => {
            let failure = Failure::connect(&error, route.named());
            return Err(breathe(deadline, failure).await);
        }
        Err(Expiry::Timeout) => {
            let failure = late(ErrorClass::ConnectTimeout).at(route.named());
            return Err(Unopened::Failed(failure));
        }
        Err(Expiry::Cancelled) => return Err(Unopened::Cancelled),
    };
    let connected = clock::now();
    let mut times = PhaseTimings {
        dns: if route.asked { found - begun } else { 0 },
        connect: connected - found,
        ..PhaseTimings::default()
    };
    run.recorder().connected(&times);
    let Some(client) = run.tls() else {
        run.dispatch().opened(connected - begun);
        return Ok((Connection::plain(socket), times));
    };
    deadline.set(connected + limit);
    let connection = encrypt(run, client, deadline, socket).await?;
    times.tls = clock::now() - connected;
    run.recorder().secured(times.tls);
    run.dispatch().opened(clock::now() - begun);
    Ok((connection, times))
}

async fn encrypt(
    run: &ShardRun,
    client: &TlsClient,
    deadline: &Deadline,
    socket: Socket,
) -> Result<Connection, Unopened> {
    let handshake = deadline.guard(pin!(client.handshake(socket))).await;
    let stream = in_time(handshake, ErrorClass::TlsTimeout)?.map_err(Unopened::Failed)?;
    let mut recorder = run.recorder();
    let counters = recorder.counters();
    if stream.is_resumed() {
        counters.tls_resumed += 1;
    } else {
        counters.tls_full += 1;
    }
    Ok(Connection::encrypted(stream))
}

/// What a step gave, or that it was given up.
fn in_time<T>(step: Result<T, Expiry>, class: ErrorClass) -> Result<T, Unopened> {
    step.map_err(|expiry| match expiry {
        Expiry::Timeout => Unopened::Failed(late(class)),
        Expiry::Cancelled => Unopened::Cancelled,
    })
}

/// What fails without the kernel's ring, like a name without an address or a
/// socket without a descriptor, fails at no cost: it takes a breath first, or a
/// virtual user would spin and keep everything else from running.
async fn breathe(deadline: &Deadline, failure: Failure) -> Unopened {
    let is_local = matches!(
        failure.class,
        ErrorClass::Resolve
            | ErrorClass::ConnectUnreachable
            | ErrorClass::ConnectDenied
            | ErrorClass::ConnectNoLocalPort
            | ErrorClass::ConnectNoDescriptor
            | ErrorClass::ConnectOther
    );
    if !is_local {
        return Unopened::Failed(failure);
    }
    deadline.set(clock::now() + LOCAL_FAILURE_PAUSE);
    match deadline.guard(pin!(pending::<()>())).await {
        Err(Expiry::Cancelled) => Unopened::Cancelled,
        _ => Unopened::Failed(failure),
    }
}

/// The failure that a step which took too long amounts to.
pub fn late(class: ErrorClass) -> Failure {
    let text = match class {
        ErrorClass::Resolve => "the host name was not looked up in time",
        ErrorClass::ConnectTimeout => "no connection was made in time",
        ErrorClass::TlsTimeout => "the TLS handshake was not through in time",
        ErrorClass::WriteTimeout => "the target did not take the whole request in time",
        ErrorClass::FirstByteTimeout => "the response did not begin in time",
        _ => "the response did not end in time",
    };
    Failure::new(class, text)
}
