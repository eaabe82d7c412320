//! The outcome of each request, derived only from what the network observed: the expected counts and measured
//! instants of the shard.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::exchange::Exchange;
use super::record::Record;
use super::scenario::Scenario;
use super::target::Planned;
use super::{Finding, same};
use crate::runtime::simulation::{Observation, Seen};

/// Time after sending within which a failed request on a kept-alive connection may be retried.
const STALE_WINDOW: Nanos = 5 * MILLISECOND;

/// One request and its outcome.
#[derive(Clone, Debug)]
pub struct Request {
    /// When the network first saw the request.
    pub began: Nanos,
    pub ended: Nanos,
    /// Index of the step in its iteration.
    pub step: usize,
    pub outcome: Outcome,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    Answered {
        status: u16,
        /// When it was first sent.
        sent: Nanos,
        first_byte: Nanos,
        /// Duration of the connect; 0 on a kept-alive connection.
        connect: Nanos,
    },
    Failed(ErrorClass),
    /// Cancelled.
    GivenUp(Expiry),
}

/// Permitted reasons for the cancellation of a request.
#[derive(Clone, Debug)]
pub struct Expiry {
    /// Error class of the timeout and the time limit, if the limit had passed.
    pub late: Option<(ErrorClass, Nanos)>,
    /// Whether the run was over.
    pub run_is_over: bool,
}

/// All requests and totals that the network observed.
#[derive(Debug, Default)]
pub struct Requests {
    pub all: Vec<Request>,
    pub retries: u64,
    pub connects: u64,
    pub reused: u64,
    pub sent: u64,
    pub received: u64,
    /// Maximum number of requests served by one connection.
    pub most_per_connection: u64,
}

impl Requests {
    /// Evaluates the observations of a shard's tasks.
    ///
    /// # Errors
    /// Returns an error if a task did something that no virtual user does.
    pub fn of(scenario: &Scenario, record: &Record) -> Result<Self, Finding> {
        let mut reader = Reader {
            scenario,
            plans: &record.plans,
            streams: BTreeMap::new(),
            requests: Self::default(),
        };
        let mut users: BTreeMap<usize, User> = BTreeMap::new();
        for observation in &record.observations {
            let user = users.entry(observation.task).or_default();
            reader.read(user, *observation).map_err(|finding| {
                format!(
                    "{finding} at {} ns on connection {}",
                    observation.at, observation.connection
                )
            })?;
        }
        for user in users.into_values() {
            reader.end(user)?;
        }
        let served = reader.streams.values().map(|stream| stream.requests as u64);
        reader.requests.most_per_connection = served.max().unwrap_or(0);
        Ok(reader.requests)
    }
}

/// Read position in the stream of a connection.
#[derive(Clone, Copy, Default)]
struct Stream {
    /// Index of the origin with the connection's address.
    origin: usize,
    requests: usize,
    received: usize,
}

/// State of one virtual user's task.
#[derive(Default)]
struct User {
    doing: Doing,
    /// Number of completed requests.
    made: usize,
    /// A failed attempt that may be retried: when it was sent, and its outcome.
    stale: Option<(Nanos, Request)>,
}

#[derive(Default)]
enum Doing {
    #[default]
    Nothing,
    Asking {
        connection: usize,
        since: Nanos,
    },
    Connected {
        connect: Nanos,
        since: Nanos,
    },
    Exchanging(Exchange),
}

struct Reader<'a> {
    scenario: &'a Scenario,
    plans: &'a BTreeMap<usize, Vec<Planned>>,
    streams: BTreeMap<usize, Stream>,
    requests: Requests,
}

impl Reader<'_> {
    fn read(&mut self, user: &mut User, observation: Observation) -> Result<(), Finding> {
        let Observation {
            at,
            connection,
            seen,
            ..
        } = observation;
        match seen {
            Seen::Asked(to) => {
                self.settle(user)?;
                // Past the request timeout, the connection is for another request.
                let timeout = self.scenario.plan.bounds.request_timeout;
                self.give_retry_up(user, |sent| at >= sent + timeout);
                self.asks(user, connection, to)?;
                user.doing = Doing::Asking {
                    connection,
                    since: at,
                };
            }
            Seen::Connected => {
                let Doing::Asking { since, .. } = user.doing else {
                    return Err("connected without asking".to_owned());
                };
                self.requests.connects += 1;
                user.doing = Doing::Connected {
                    connect: at - since,
                    since,
                };
            }
            Seen::Refused => {
                let refused = Outcome::Failed(ErrorClass::ConnectRefused);
                self.end_unopened(user, at, refused);
            }
            Seen::Sends(length) => self.send(user, connection, at, length)?,
            Seen::Received(count) => self.receive(user, connection, at, count)?,
            Seen::Sent => user.exchange()?.is_sent = true,
            Seen::Unsent(taken) => user.exchange()?.unsent = Some(taken),
            Seen::Ended | Seen::Reset => user.exchange()?.ends(at, seen),
            Seen::Closed => self.close(user, connection, at)?,
        }
        Ok(())
    }

    fn send(
        &mut self,
        user: &mut User,
        connection: usize,
        at: Nanos,
        length: usize,
    ) -> Result<(), Finding> {
        let opened = match user.doing {
            Doing::Connected { connect, since } => Some((connect, since)),
            _ => None,
        };
        let is_reused = opened.is_none();
        if is_reused {
            self.settle(user)?;
            // A retry always uses a new connection.
            self.give_retry_up(user, |_| true);
        }
        let step = self.step_of(user);
        let stream = self.streams.entry(connection).or_default();
        let plans = self.plans.get(&connection).map_or(&[][..], Vec::as_slice);
        let before = plans.get(..stream.requests).unwrap_or(plans);
        let before: usize = before.iter().map(|plan| plan.length + plan.excess).sum();
        let (connect, began) = opened.unwrap_or((0, at));
        user.doing = Doing::Exchanging(Exchange {
            connection,
            began,
            connect,
            is_reused,
            length,
            sent: at,
            first_sent: user.stale.as_ref().map(|(sent, _)| *sent),
            planned: plans.get(stream.requests).copied(),
            is_dirty: before != stream.received,
            ..Exchange::default()
        });
        stream.requests += 1;
        let expected = self.scenario.plan.steps[step].origin;
        same("the origin of a kept connection", stream.origin, expected)?;
        self.requests.sent += length as u64;
        self.requests.reused += u64::from(is_reused);
        Ok(())
    }

    fn receive(
        &mut self,
        user: &mut User,
        connection: usize,
        at: Nanos,
        count: usize,
    ) -> Result<(), Finding> {
        self.streams.entry(connection).or_default().received += count;
        self.requests.received += count as u64;
        user.exchange()?.receives(at, count);
        Ok(())
    }

    fn close(&mut self, user: &mut User, closed: usize, at: Nanos) -> Result<(), Finding> {
        match &user.doing {
            Doing::Asking { connection, since } if *connection == closed => {
                let limit = since + self.scenario.plan.bounds.connect_timeout;
                let first = user.stale.as_ref().map(|(sent, _)| self.limit(*sent));
                let limit = limit.min(first.unwrap_or(Nanos::MAX));
                let outcome = self.given_up(at, limit, ErrorClass::ConnectTimeout)?;
                self.end_unopened(user, at, outcome);
            }
            Doing::Exchanging(exchange) if exchange.connection == closed => {
                self.finish(user, Some(at))?;
            }
            // An idle connection.
            _ => {}
        }
        Ok(())
    }

    /// Returns the time limit of a request first sent at `sent`.
    fn limit(&self, sent: Nanos) -> Nanos {
        sent + self.scenario.plan.bounds.request_timeout
    }

    /// Records a failed attempt as final if `holds` for the time it was sent: it is not retried.
    fn give_retry_up(&mut self, user: &mut User, holds: impl FnOnce(Nanos) -> bool) {
        if let Some((_, failed)) = user.stale.take_if(|(sent, _)| holds(*sent)) {
            self.push(user, failed);
        }
    }

    /// Completes what a user did before, when it begins something else.
    fn settle(&mut self, user: &mut User) -> Result<(), Finding> {
        match &user.doing {
            Doing::Nothing => Ok(()),
            Doing::Exchanging(_) => self.finish(user, None),
            _ => Err("a connection was left alone".to_owned()),
        }
    }

    fn end(&mut self, mut user: User) -> Result<(), Finding> {
        self.settle(&mut user)?;
        self.give_retry_up(&mut user, |_| true);
        Ok(())
    }

    fn end_unopened(&mut self, user: &mut User, at: Nanos, outcome: Outcome) {
        let Doing::Asking { since, .. } = std::mem::take(&mut user.doing) else {
            return;
        };
        let began = self.retried(user).unwrap_or(since);
        let step = self.step_of(user);
        self.push(
            user,
            Request {
                began,
                ended: at,
                step,
                outcome,
            },
        );
    }

    /// Returns the step that a user is at.
    fn step_of(&self, user: &User) -> usize {
        user.made % self.scenario.plan.steps.len()
    }

    fn asks(&mut self, user: &User, connection: usize, to: SocketAddr) -> Result<(), Finding> {
        let origins = &self.scenario.plan.origins;
        let origin = origins
            .iter()
            .position(|origin| origin.addresses.contains(&to));
        let origin = origin.ok_or_else(|| format!("{to} is of no origin"))?;
        self.streams.entry(connection).or_default().origin = origin;
        let step = self.step_of(user);
        same("the origin", origin, self.scenario.plan.steps[step].origin)
    }

    /// Returns when the previous attempt began, if this is a retry.
    fn retried(&mut self, user: &mut User) -> Option<Nanos> {
        let (_, failed) = user.stale.take()?;
        self.requests.retries += 1;
        Some(failed.began)
    }

    fn push(&mut self, user: &mut User, request: Request) {
        self.requests.all.push(request);
        user.made += 1;
    }

    /// Completes an exchange, whose connection was closed at `closed` or returned to the pool.
    fn finish(&mut self, user: &mut User, closed: Option<Nanos>) -> Result<(), Finding> {
        let Doing::Exchanging(exchange) = std::mem::take(&mut user.doing) else {
            return Ok(());
        };
        let limit = self.limit(exchange.first_sent.unwrap_or(exchange.sent));
        let (ended, outcome) = match exchange.complete {
            Some(complete) if complete <= limit => (complete, exchange.answered()),
            Some(complete) => (complete, exchange.answered_late(limit)),
            _ => {
                let closed = closed.ok_or("an unfinished exchange was left alone")?;
                (closed, self.failed(&exchange, closed, limit)?)
            }
        };
        let step = self.step_of(user);
        let began = exchange.began;
        let is_stale = self.may_be_stale(&exchange, ended, &outcome);
        let request = Request {
            began,
            ended,
            step,
            outcome,
        };
        if is_stale {
            user.stale = Some((exchange.sent, request));
            return Ok(());
        }
        let began = self.retried(user).unwrap_or(began);
        self.push(user, Request { began, ..request });
        Ok(())
    }

    fn failed(&self, exchange: &Exchange, closed: Nanos, limit: Nanos) -> Result<Outcome, Finding> {
        match exchange.failure(closed) {
            Some(class) => Ok(Outcome::Failed(class)),
            None => self.given_up(closed, limit, exchange.late_phase()),
        }
    }

    /// Returns the outcome of an exchange cancelled at `at`: a timeout, or a cancellation if the run is over.
    fn given_up(&self, at: Nanos, limit: Nanos, late: ErrorClass) -> Result<Outcome, Finding> {
        let expiry = Expiry {
            late: (at >= limit).then_some((late, limit)),
            run_is_over: at >= self.scenario.last_moment(),
        };
        if expiry.late.is_some() || expiry.run_is_over {
            return Ok(Outcome::GivenUp(expiry));
        }
        Err(format!("given up {} ns before its time limit", limit - at))
    }

    fn may_be_stale(&self, exchange: &Exchange, ended: Nanos, outcome: &Outcome) -> bool {
        let plan = &self.scenario.plan;
        let is_broken = exchange.end.is_some() || exchange.unsent.is_some();
        let is_harmless = plan.steps[0].request.is_idempotent || exchange.unsent == Some(0);
        matches!(outcome, Outcome::Failed(..))
            && plan.retry_stale
            && exchange.first_sent.is_none()
            && exchange.is_reused
            && exchange.received == 0
            && is_broken
            && is_harmless
            && ended - exchange.sent <= STALE_WINDOW
    }
}

impl User {
    fn exchange(&mut self) -> Result<&mut Exchange, Finding> {
        match &mut self.doing {
            Doing::Exchanging(exchange) => Ok(exchange),
            _ => Err("reads without having sent".to_owned()),
        }
    }
}
