//! The target of a simulated run: responds as servers do, correct or faulty, and records what it planned for
//! each request.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use fastrand::Rng;
use vayu_shared::units::{MICROSECOND, MILLISECOND, Nanos};

use super::scenario::{Scenario, percent, span};
use crate::runtime::simulation::{Act, Connection, Handshake, Target};

/// Behaviour of a target. Fields without other documentation are probabilities in percent.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Mean service time.
    pub service: Nanos,
    pub refuses: u64,
    pub ignores: u64,
    /// It responds before it has read anything, and closes.
    pub turns_away: u64,
    pub answers_early: u64,
    pub is_silent: u64,
    pub closes_unanswered: u64,
    pub resets: u64,
    pub truncates: u64,
    pub sends_malformed: u64,
    pub sends_excess: u64,
    pub closes_after: u64,
    /// Idle time after which it closes a kept-alive connection.
    pub closes_idle_after: Option<Nanos>,
    pub splits: u64,
}

impl Behaviour {
    /// Generates a target that may be correct or faulty.
    pub fn any(rng: &mut Rng) -> Self {
        let service = span(rng, 20 * MICROSECOND, 50 * MILLISECOND);
        // Each fault is present with a probability of 25 percent.
        let mut fault = |most: u64| match rng.u64(0..100) {
            0..75 => 0,
            _ => rng.u64(1..=most),
        };
        Self {
            service,
            refuses: fault(100),
            ignores: fault(30),
            turns_away: fault(60),
            answers_early: fault(100),
            is_silent: fault(30),
            closes_unanswered: fault(60),
            resets: fault(60),
            truncates: fault(60),
            sends_malformed: fault(40),
            sends_excess: fault(40),
            closes_after: fault(100),
            splits: fault(100),
            closes_idle_after: (fault(100) > 0)
                .then(|| span(rng, 10 * MICROSECOND, 2 * service + MILLISECOND)),
        }
    }

    /// Makes the target close connections while they are idle, or when the next request arrives.
    pub fn closes_kept(&mut self, rng: &mut Rng) {
        self.closes_unanswered = rng.u64(5..60);
        self.closes_idle_after = Some(span(rng, 10 * MICROSECOND, self.service + MILLISECOND));
    }
}

/// What the target does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub answer: Answer,
    /// Length of the response in bytes.
    pub length: usize,
    /// Number of bytes that follow it.
    pub excess: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A complete response with this status.
    Whole(u16),
    /// A response that ends with the connection.
    ToTheEnd(u16),
    /// An incomplete response: the connection ends before it does.
    Partial,
    /// Bytes that are not HTTP.
    Malformed,
    Nothing,
}

/// Planned responses of the target to the requests of each connection.
pub type Plans = Rc<RefCell<BTreeMap<usize, Vec<Planned>>>>;

/// The target of a simulated run.
pub struct SimulatedTarget {
    rng: Rng,
    behaviour: Behaviour,
    request_length: usize,
    is_head: bool,
    plans: Plans,
    received: BTreeMap<usize, usize>,
    /// Connections that it has finished with.
    over: BTreeSet<usize>,
}

impl SimulatedTarget {
    pub fn new(scenario: &Scenario, shard: usize) -> (Self, Plans) {
        let plans = Plans::default();
        let request = &scenario.plan.steps[0].request;
        let target = Self {
            rng: Rng::with_seed(scenario.seed ^ (shard as u64 + 1) << 32),
            behaviour: scenario.behaviour.clone(),
            request_length: request.bytes.len(),
            is_head: request.is_head,
            plans: Rc::clone(&plans),
            received: BTreeMap::new(),
            over: BTreeSet::new(),
        };
        (target, plans)
    }

    fn plan(&mut self, connection: usize, planned: Planned) {
        let mut plans = self.plans.borrow_mut();
        plans.entry(connection).or_default().push(planned);
    }

    fn happens(&mut self, chance: u64) -> bool {
        percent(&mut self.rng, chance)
    }

    fn end(&mut self, connection: usize) {
        self.over.insert(connection);
    }

    /// Plans the response to a request that it knows of at `at`.
    fn treat(&mut self, connection: usize, at: Nanos) -> Vec<(Nanos, Act)> {
        let base = self.behaviour.service;
        let at = at + (base as f64 * -self.rng.f64().max(1e-9).ln()) as Nanos;
        let nothing = Planned {
            answer: Answer::Nothing,
            length: 0,
            excess: 0,
        };
        if self.happens(self.behaviour.is_silent) {
            self.plan(connection, nothing);
            self.end(connection);
            return Vec::new();
        }
        if self.happens(self.behaviour.closes_unanswered) || self.happens(self.behaviour.resets) {
            self.plan(connection, nothing);
            self.end(connection);
            let act = match self.rng.u64(0..3) {
                0 => Act::Finish,
                1 => Act::Close,
                _ => Act::Reset,
            };
            return vec![(at, act)];
        }
        if self.happens(self.behaviour.sends_malformed) {
            let bytes = b"HTTP/1.1 2x0 no\r\n\r\n".to_vec();
            let planned = Planned {
                answer: Answer::Malformed,
                length: bytes.len(),
                excess: 0,
            };
            self.plan(connection, planned);
            self.end(connection);
            return self.split(bytes, at);
        }
        self.answer(connection, at)
    }

    fn answer(&mut self, connection: usize, at: Nanos) -> Vec<(Nanos, Act)> {
        let response = Response::any(&mut self.rng, self.is_head);
        let length = response.bytes.len();
        let whole = if response.to_the_end {
            Answer::ToTheEnd(response.status)
        } else {
            Answer::Whole(response.status)
        };
        if self.happens(self.behaviour.truncates) {
            let kept = self.rng.usize(0..response.shortest_whole);
            let planned = Planned {
                answer: Answer::Partial,
                length: kept,
                excess: 0,
            };
            self.plan(connection, planned);
            self.end(connection);
            let mut acts = self.split(response.bytes[..kept].to_vec(), at);
            let ends = acts.last().map_or(at, |last| last.0);
            let act = if self.rng.bool() {
                Act::Close
            } else {
                Act::Reset
            };
            acts.push((ends, act));
            return acts;
        }
        let mut bytes = response.bytes;
        let excess = if !response.to_the_end && self.happens(self.behaviour.sends_excess) {
            bytes.extend_from_slice(b"\0\0\0");
            3
        } else {
            0
        };
        let planned = Planned {
            answer: whole,
            length,
            excess,
        };
        self.plan(connection, planned);
        let mut acts = self.split(bytes, at);
        let ends = acts.last().expect("a response has bytes").0;
        if response.to_the_end || response.closes || self.happens(self.behaviour.closes_after) {
            self.end(connection);
            let act = if self.rng.bool() {
                Act::Finish
            } else {
                Act::Close
            };
            acts.push((ends, act));
        } else if let Some(idle) = self.behaviour.closes_idle_after {
            // A request that arrives before that is read and not answered.
            self.end(connection);
            acts.push((ends + idle, Act::Close));
        }
        acts
    }

    /// Sends bytes from `at` on, in one segment or in several.
    fn split(&mut self, bytes: Vec<u8>, at: Nanos) -> Vec<(Nanos, Act)> {
        let mut acts = Vec::new();
        let (mut rest, mut at) = (bytes.as_slice(), at);
        while rest.len() > 1 && acts.len() < 6 && self.happens(self.behaviour.splits) {
            let (piece, behind) = rest.split_at(self.rng.usize(1..rest.len()));
            acts.push((at, Act::Send(piece.to_vec())));
            rest = behind;
            at += span(&mut self.rng, 1, 2 * MILLISECOND);
        }
        if !rest.is_empty() {
            acts.push((at, Act::Send(rest.to_vec())));
        }
        acts
    }
}

impl Target for SimulatedTarget {
    fn asked(&mut self, _connection: &Connection) -> Handshake {
        if self.happens(self.behaviour.refuses / 2) {
            Handshake::Refuse
        } else if self.happens(self.behaviour.ignores) {
            Handshake::Ignore
        } else {
            Handshake::Accept
        }
    }

    fn accepted(&mut self, connection: &Connection, at: Nanos) -> Vec<(Nanos, Act)> {
        if !self.happens(self.behaviour.turns_away) {
            return Vec::new();
        }
        let bytes = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let planned = Planned {
            answer: Answer::Whole(503),
            length: bytes.len(),
            excess: 0,
        };
        self.plan(connection.number, planned);
        self.end(connection.number);
        let at = at + self.rng.u64(0..100_000);
        vec![(at, Act::Send(bytes.to_vec())), (at, Act::Close)]
    }

    fn received(&mut self, connection: &Connection, bytes: &[u8], at: Nanos) -> Vec<(Nanos, Act)> {
        let number = connection.number;
        let before = self.received.get(&number).copied().unwrap_or(0);
        let now = before + bytes.len();
        self.received.insert(number, now);
        if self.over.contains(&number) {
            return Vec::new();
        }
        let known = self.plans.borrow().get(&number).map_or(0, Vec::len);
        let is_whole = now >= (known + 1) * self.request_length;
        let is_early =
            now > known * self.request_length && self.happens(self.behaviour.answers_early);
        if is_whole || is_early {
            self.treat(number, at)
        } else {
            Vec::new()
        }
    }
}

/// A response that a server may send.
struct Response {
    bytes: Vec<u8>,
    status: u16,
    to_the_end: bool,
    closes: bool,
    /// Minimum number of its bytes that could be taken for a complete response.
    shortest_whole: usize,
}

impl Response {
    fn any(rng: &mut Rng, is_head: bool) -> Self {
        let status = rng
            .choice([200, 200, 200, 201, 204, 304, 404, 500])
            .expect("some");
        let has_body = !is_head && !matches!(status, 204 | 304);
        let body_length = match rng.u64(0..10) {
            0 => 0,
            1 => rng.usize(2_000..100_000),
            _ => rng.usize(1..600),
        };
        let mut head = String::new();
        for _ in 0..rng.u64(0..5).saturating_sub(3) {
            head.push_str("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        }
        head.push_str(&format!(
            "HTTP/1.1 {status} Reason\r\nServer: simulated\r\n"
        ));
        let closes = percent(rng, 10);
        if closes {
            head.push_str("Connection: close\r\n");
        }
        let framing = rng.u64(0..10);
        let mut body = Vec::new();
        let to_the_end = has_body && framing == 0;
        match framing {
            0 if !has_body || is_head => head.push_str("Content-Length: 5\r\n"),
            0 => body.resize(body_length, b'b'),
            1..4 if has_body => {
                head.push_str("Transfer-Encoding: chunked\r\n");
                body = chunked(rng, body_length);
            }
            _ => {
                if status != 204 {
                    head.push_str(&format!("Content-Length: {body_length}\r\n"));
                }
                if has_body {
                    body.resize(body_length, b'b');
                }
            }
        }
        head.push_str("\r\n");
        let head_length = head.len();
        let mut bytes = head.into_bytes();
        bytes.extend(body);
        Self {
            shortest_whole: if to_the_end { head_length } else { bytes.len() },
            bytes,
            status,
            to_the_end,
            closes,
        }
    }
}

fn chunked(rng: &mut Rng, length: usize) -> Vec<u8> {
    let mut body = Vec::new();
    let mut left = length;
    while left > 0 {
        let size = rng.usize(1..=left);
        body.extend(format!("{size:x}\r\n").bytes());
        body.resize(body.len() + size, b'c');
        body.extend(b"\r\n");
        left -= size;
    }
    body.extend(b"0\r\n\r\n");
    body
}
