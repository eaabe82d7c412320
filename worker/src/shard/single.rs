//! Executes a single exchange, with a time limit for each of its steps.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::template::NoVariables;
use vayu_shared::units::Nanos;

use super::opening::{OpenError, TimeLimit, connect, late, secure};
use crate::clock;
use crate::exchange::{Progress, Request, Response, exchange};
use crate::net::{Connection, Expiry, Failure, Fence, TlsClient};
use crate::runtime::{Alarm, Socket};
use crate::single::{SingleExchange, SingleFailure, SingleOutcome, SingleResponse, TlsFacts};

/// Maximum body bytes of a proxy's response to `CONNECT` that are kept.
const REFUSAL_BYTES: u64 = 64 * 1024;

/// Executes the exchange. Dropping the future cancels it.
///
/// # Errors
/// Returns an error if the kernel grants no timer.
pub async fn perform(order: &SingleExchange, fence: &Fence) -> io::Result<SingleOutcome> {
    let mut attempt = Attempt {
        order,
        fence,
        alarm: Alarm::new()?,
        phases: PhaseTimings::default(),
        remote: None,
        tls: None,
    };
    let result = attempt.make().await;
    Ok(SingleOutcome {
        phases: attempt.phases,
        remote: attempt.remote,
        tls: attempt.tls,
        result,
    })
}

struct Attempt<'a> {
    order: &'a SingleExchange,
    fence: &'a Fence,
    alarm: Alarm,
    phases: PhaseTimings,
    remote: Option<SocketAddr>,
    tls: Option<TlsFacts>,
}

impl Attempt<'_> {
    async fn make(&mut self) -> Result<SingleResponse, SingleFailure> {
        let begun = clock::now();
        let opened = self.open().await;
        self.phases.connect = clock::now() - begun;
        let socket = opened?;
        let begun = clock::now();
        let secured = self.secure(socket).await;
        if self.order.tls.is_some() {
            self.phases.tls = clock::now() - begun;
        }
        self.send_request(&mut secured?).await
    }

    /// Opens a connection to the target, through the proxy's tunnel if there is one.
    async fn open(&mut self) -> Result<Socket, SingleFailure> {
        let until = self.step_limit();
        let socket = self.connect(until).await?;
        match &self.order.tunnel {
            None => Ok(socket),
            Some(tunnel) => {
                let request = Request::single(tunnel, self.order.head_limits, REFUSAL_BYTES);
                self.open_tunnel(socket, &request, until).await
            }
        }
    }

    /// Connects to the first address that accepts. Otherwise returns the failure of the last address.
    async fn connect(&mut self, until: Nanos) -> Result<Socket, SingleFailure> {
        let mut failure = Failure::new(ErrorClass::Resolve, "the host name resolved to no address");
        let is_one_of_several = self.order.addresses.len() > 1;
        for &address in &self.order.addresses {
            self.remote = Some(address);
            if let Err(denied) = self.fence.check(&self.order.host, address, None) {
                failure = denied;
                continue;
            }
            let named = is_one_of_several.then_some(address);
            match connect(&self.alarm, until, (address, None), named).await {
                Ok(socket) => return Ok(socket),
                Err(OpenError::Failed(failed)) => failure = failed,
                Err(OpenError::Cancelled) => break,
            }
            if clock::now() >= until {
                break;
            }
        }
        Err(single_failure(&failure))
    }

    /// Makes the proxy open a tunnel, which then is the connection.
    async fn open_tunnel(
        &mut self,
        socket: Socket,
        request: &Request,
        until: Nanos,
    ) -> Result<Socket, SingleFailure> {
        let mut connection = Connection::plain(socket);
        let progress = Progress::default();
        let exchanged = exchange(&mut connection, request, &NoVariables, &progress);
        let response = match self.alarm.within(until, exchanged).await {
            Ok(Ok(response)) => response,
            Ok(Err(failed)) => return Err(single_failure(&failed.failure)),
            Err(_) => return Err(single_failure(&late(ErrorClass::ConnectTimeout))),
        };
        if response.status.code() / 100 == 2 {
            let socket = connection.into_plain();
            return socket.ok_or_else(|| {
                let text = "the proxy sent unexpected bytes after its response to CONNECT";
                single_failure(&Failure::new(ErrorClass::Protocol, text))
            });
        }
        let head = connection.buffer.filled()[..response.head_len].to_vec();
        Err(SingleFailure {
            refusal: Some(head),
            ..single_failure(&Failure::new(
                ErrorClass::ConnectOther,
                "the proxy rejected the CONNECT request",
            ))
        })
    }

    async fn secure(&mut self, socket: Socket) -> Result<Connection, SingleFailure> {
        let Some(setup) = &self.order.tls else {
            return Ok(Connection::plain(socket));
        };
        let client = TlsClient::new(setup);
        match secure(&self.alarm, self.step_limit(), &client, socket).await {
            Ok(stream) => {
                self.tls = Some(stream.facts());
                Ok(Connection::encrypted(stream))
            }
            Err(OpenError::Failed(failure)) => Err(single_failure(&failure)),
            Err(OpenError::Cancelled) => Err(single_failure(&late(ErrorClass::TlsTimeout))),
        }
    }

    async fn send_request(
        &mut self,
        connection: &mut Connection,
    ) -> Result<SingleResponse, SingleFailure> {
        let order = self.order;
        let request = Request::single(&order.request, order.head_limits, order.body_limit);
        let progress = Progress::default();
        let sent = clock::now();
        let until = self.order.deadline;
        let exchanged = exchange(connection, &request, &NoVariables, &progress);
        let exchanged = self.alarm.within(until, exchanged).await;
        let ended = match &exchanged {
            Ok(Ok(response)) => response.ended,
            _ => clock::now(),
        };
        let first_byte = progress.first_byte();
        self.phases.first_byte = first_byte.unwrap_or(ended) - sent;
        self.phases.download = first_byte.map_or(0, |first| ended - first);
        match exchanged {
            Ok(Ok(response)) => Ok(self.read(&response, connection, &progress)),
            Ok(Err(failed)) => Err(single_failure(&failed.failure)),
            Err(_) => Err(single_failure(&late(progress.late_phase()))),
        }
    }

    fn read(
        &self,
        response: &Response,
        connection: &Connection,
        progress: &Progress,
    ) -> SingleResponse {
        let (head, body) = connection.buffer.filled().split_at(response.head_len);
        SingleResponse {
            head: head.to_vec(),
            body: body.to_vec(),
            // The last piece may also exceed the limit.
            truncated: response.body_bytes > self.order.body_limit,
            received: progress.received(),
        }
    }

    /// Returns the deadline of a step of opening the connection.
    fn step_limit(&self) -> Nanos {
        let limit = clock::now().saturating_add(self.order.connect_timeout);
        limit.min(self.order.deadline)
    }
}

impl TimeLimit for Alarm {
    async fn within<F: Future>(&self, until: Nanos, step: F) -> Result<F::Output, Expiry> {
        let (mut step, mut alarm) = (pin!(step), pin!(self.wait_until(until)));
        poll_fn(|context| {
            if let Poll::Ready(done) = step.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            alarm.as_mut().poll(context).map(|()| Err(Expiry::Timeout))
        })
        .await
    }
}

fn single_failure(failure: &Failure) -> SingleFailure {
    SingleFailure {
        class: failure.class,
        message: failure.detail.to_string(),
        refusal: None,
    }
}
