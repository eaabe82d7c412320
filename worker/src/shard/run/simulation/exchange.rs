//! One exchange as the network observed it, and its expected outcome.

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::Nanos;

use super::requests::Outcome;
use super::target::{Answer, Planned};
use crate::runtime::simulation::Seen;

/// Size in bytes above which a request is sent while its response is awaited.
const SENT_AT_ONCE: usize = 4096;

/// One exchange as the network observed it.
#[derive(Default)]
pub struct Exchange {
    pub connection: usize,
    /// When the network first saw the request.
    pub began: Nanos,
    /// Duration of the connect; 0 on a kept-alive connection.
    pub connect: Nanos,
    pub is_reused: bool,
    /// Length of the request in bytes.
    pub length: usize,
    pub sent: Nanos,
    /// When the first attempt was sent, if this is the second.
    pub first_sent: Option<Nanos>,
    pub planned: Option<Planned>,
    /// Whether unread bytes of the previous response are read first.
    pub is_dirty: bool,
    pub received: usize,
    pub first_byte: Option<Nanos>,
    pub last_bytes: Option<Nanos>,
    /// Whether the socket accepted the whole request.
    pub is_sent: bool,
    /// Number of bytes accepted before sending failed.
    pub unsent: Option<usize>,
    pub end: Option<Seen>,
    /// When the last byte of the response arrived.
    pub complete: Option<Nanos>,
}

impl Exchange {
    pub fn receives(&mut self, at: Nanos, count: usize) {
        self.first_byte = self.first_byte.or(Some(at));
        self.last_bytes = Some(at);
        self.received += count;
        if let Some(Planned {
            answer: Answer::Whole(_),
            length,
            ..
        }) = self.planned
            && !self.is_dirty
            && self.complete.is_none()
            && self.received >= length
        {
            self.complete = Some(at);
        }
    }

    pub fn ends(&mut self, at: Nanos, how: Seen) {
        self.end = Some(how);
        if let Some(Planned {
            answer: Answer::ToTheEnd(_),
            ..
        }) = self.planned
            && how == Seen::Ended
            && !self.is_dirty
        {
            self.complete = Some(at);
        }
    }

    /// Returns the error class of an exchange whose connection was closed at `closed`, or `None` if the
    /// exchange was cancelled.
    pub fn failure(&self, closed: Nanos) -> Option<ErrorClass> {
        let is_malformed = self
            .planned
            .is_some_and(|plan| plan.answer == Answer::Malformed);
        let is_malformed = (self.is_dirty || is_malformed) && self.last_bytes == Some(closed);
        // A short request is sent before its response is awaited.
        let ends_unsent = self.is_reused && self.length <= SENT_AT_ONCE;
        match (self.unsent, self.end) {
            (Some(_), Some(_)) => Some(ErrorClass::Write),
            (Some(_), None) if ends_unsent => Some(ErrorClass::Write),
            (_, Some(Seen::Reset)) => Some(ErrorClass::ReadReset),
            (_, Some(_)) => Some(ErrorClass::ClosedEarly),
            (_, None) => is_malformed.then_some(ErrorClass::Protocol),
        }
    }

    /// Returns the error class of a timeout: what the exchange was waiting for.
    pub fn late_phase(&self) -> ErrorClass {
        match self.first_byte {
            Some(_) => ErrorClass::BodyTimeout,
            None if self.is_sent => ErrorClass::FirstByteTimeout,
            None => ErrorClass::WriteTimeout,
        }
    }

    /// Returns the outcome of a response that completed after `limit`, because the sweep that cancels late
    /// exchanges was late itself.
    pub fn answered_late(&self, limit: Nanos) -> Outcome {
        let began_late = self.first_byte.is_none_or(|first| first > limit);
        Outcome::Failed(if began_late {
            ErrorClass::FirstByteTimeout
        } else {
            ErrorClass::BodyTimeout
        })
    }

    pub fn answered(&self) -> Outcome {
        let status = match self.planned.map(|planned| planned.answer) {
            Some(Answer::Whole(status) | Answer::ToTheEnd(status)) => status,
            other => unreachable!("{other:?} was never complete"),
        };
        Outcome::Answered {
            status,
            sent: self.first_sent.unwrap_or(self.sent),
            first_byte: self.first_byte.unwrap_or(self.sent),
            connect: if self.first_sent.is_some() {
                0
            } else {
                self.connect
            },
        }
    }
}
