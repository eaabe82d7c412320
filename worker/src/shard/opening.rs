//! Opens connections of load runs and of single exchanges: lookup, connect and TLS handshake, each with its
//! time limit.

use std::future::{Future, pending};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::origin::ShardOrigin;
use super::run::ShardRun;
use crate::clock;
use crate::net::{Connection, Deadline, Expiry, Failure, TlsClient, TlsStream};
use crate::runtime::Socket;

/// Minimum duration of a request that already fails on this machine.
const LOCAL_FAILURE_PAUSE: Nanos = MILLISECOND;

/// Why there is no connection.
pub enum OpenError {
    /// A step failed.
    Failed(Failure),
    /// The run is over.
    Cancelled,
}

/// Opens a connection to an origin of a run, watched by `deadline`. Each step has its own time limit, and all
/// of them end at `until`.
///
/// # Errors
/// Returns [`OpenError`] if there is no connection.
pub async fn open(
    run: &ShardRun,
    origin: &ShardOrigin,
    deadline: &Deadline,
    until: Nanos,
) -> Result<(Connection, PhaseTimings), OpenError> {
    let limit = |from: Nanos| until.min(from + run.bounds().connect_timeout);
    let begun = clock::now();
    deadline.set(limit(begun));
    let route = deadline.guard(pin!(origin.names.next())).await;
    let route = match in_time(route, ErrorClass::Resolve)? {
        Ok(route) => route,
        Err(failure) => return Err(pause_after_local_failure(deadline, failure).await),
    };
    let found = clock::now();
    if let Err(denied) = origin.may_connect(route.to, route.from) {
        return Err(pause_after_local_failure(deadline, denied).await);
    }
    let named = route.named();
    let socket = match connect(deadline, limit(found), (route.to, route.from), named).await {
        Err(OpenError::Failed(failure)) => {
            return Err(pause_after_local_failure(deadline, failure).await);
        }
        connected => connected?,
    };
    let connected = clock::now();
    let mut times = PhaseTimings {
        dns: if route.asked { found - begun } else { 0 },
        connect: connected - found,
        ..PhaseTimings::default()
    };
    run.recorder().connected(&times);
    let Some(client) = &origin.tls else {
        run.dispatch().opened(connected - begun);
        return Ok((Connection::plain(socket), times));
    };
    let stream = secure(deadline, limit(connected), client, socket).await?;
    count_handshake(run, &stream);
    let connection = Connection::encrypted(stream);
    times.tls = clock::now() - connected;
    run.recorder().secured(times.tls);
    run.dispatch().opened(clock::now() - begun);
    Ok((connection, times))
}

fn count_handshake(run: &ShardRun, stream: &TlsStream) {
    let mut recorder = run.recorder();
    let counters = recorder.counters();
    if stream.is_resumed() {
        counters.tls_resumed += 1;
    } else {
        counters.tls_full += 1;
    }
}

/// Enforces the time limit of a step.
pub trait TimeLimit {
    /// Runs a step until it completes, or cancels it at `until` or earlier for its own reasons.
    async fn within<F: Future>(&self, until: Nanos, step: F) -> Result<F::Output, Expiry>;
}

impl TimeLimit for Deadline {
    async fn within<F: Future>(&self, until: Nanos, step: F) -> Result<F::Output, Expiry> {
        self.set(until);
        self.guard(pin!(step)).await
    }
}

/// Connects to an address, from a local one if it is set. `named` is the address that the error message
/// names.
///
/// # Errors
/// Returns [`OpenError`] if there is no connection.
pub async fn connect(
    limit: &impl TimeLimit,
    until: Nanos,
    (to, from): (SocketAddr, Option<IpAddr>),
    named: Option<SocketAddr>,
) -> Result<Socket, OpenError> {
    match limit.within(until, Socket::connect(to, from)).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(error)) => Err(OpenError::Failed(Failure::connect(&error, named))),
        Err(Expiry::Timeout) => Err(OpenError::Failed(
            late(ErrorClass::ConnectTimeout).at(named),
        )),
        Err(Expiry::Cancelled) => Err(OpenError::Cancelled),
    }
}

/// Performs a TLS handshake.
///
/// # Errors
/// Returns [`OpenError`] if there is no session.
pub async fn secure(
    limit: &impl TimeLimit,
    until: Nanos,
    client: &TlsClient,
    socket: Socket,
) -> Result<TlsStream, OpenError> {
    let handshake = limit.within(until, client.handshake(socket)).await;
    in_time(handshake, ErrorClass::TlsTimeout)?.map_err(OpenError::Failed)
}

/// Converts the expiry of a step to an error.
fn in_time<T>(step: Result<T, Expiry>, class: ErrorClass) -> Result<T, OpenError> {
    step.map_err(|expiry| match expiry {
        Expiry::Timeout => OpenError::Failed(late(class)),
        Expiry::Cancelled => OpenError::Cancelled,
    })
}

/// Waits [`LOCAL_FAILURE_PAUSE`] before returning a local failure. A failure without I/O on the ring, like a
/// name without an address or a socket without a descriptor, takes no time: without a pause, a virtual user
/// would spin and starve everything else.
async fn pause_after_local_failure(deadline: &Deadline, failure: Failure) -> OpenError {
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
        return OpenError::Failed(failure);
    }
    deadline.set(clock::now() + LOCAL_FAILURE_PAUSE);
    match deadline.guard(pin!(pending::<()>())).await {
        Err(Expiry::Cancelled) => OpenError::Cancelled,
        _ => OpenError::Failed(failure),
    }
}

/// Returns the timeout failure of a step.
pub fn late(class: ErrorClass) -> Failure {
    let text = match class {
        ErrorClass::Resolve => "DNS lookup timed out",
        ErrorClass::ConnectTimeout => "connect timed out",
        ErrorClass::TlsTimeout => "TLS handshake timed out",
        ErrorClass::WriteTimeout => "sending the request timed out",
        ErrorClass::FirstByteTimeout => "timed out waiting for the first byte of the response",
        _ => "timed out reading the response",
    };
    Failure::new(class, text)
}
