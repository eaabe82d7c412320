//! How many connections the open model may use: grows as far as arrivals need it, and not
//! because the target is slow to answer.
//!
//! A target near its capacity answers late, so arrivals find every connection busy. Opening one
//! for each of them makes it later still: the queue only moves from the generator into the
//! target. So there are two regions. Up to the *fitting size*, a few times what Little's law
//! asks for at the latency of a target at ease, a connection is opened as soon as an arrival
//! has waited longer than opening one takes. Beyond it a *probe* has to show that more
//! connections raise the throughput; where they do not, growth is held for a while.
//!
//! Pure arithmetic on given instants: no clock, no sockets.

use vayu_shared::units::{MILLISECOND, Nanos, SECOND};

/// Connections beyond what Little's law asks for, as a factor: for arrivals and service
/// times that scatter.
const HEADROOM: f64 = 4.0;
/// Connections that always fit, for rates and latencies so small that their product says little.
const SPARE: f64 = 16.0;
/// Responses of which a mean service time is taken.
const WINDOW_RESPONSES: u64 = 64;
/// How much the connections may grow for each of these windows, as a share.
const GROWTH_PER_WINDOW: f64 = 0.5;
/// While nothing is known of the target, the connections may double in so much time.
const SLOW_START: Nanos = 5 * MILLISECOND;
/// A turn that comes later than this is a sign of a generator that has no time left: more
/// connections would take even more of it.
const LATE_TURN: Nanos = MILLISECOND;
/// How long an arrival waits before a probe begins: shorter waits come from stalls that pass.
const PROBE_BACKLOG: Nanos = 100 * MILLISECOND;
/// Shortest time over which a throughput is taken.
const PROBE_SPAN: Nanos = 250 * MILLISECOND;
/// The throughput has to grow by at least this share of the growth of the connections.
const PROBE_GAIN: f64 = 0.5;
/// How long growth is held after a probe without gain; doubles with each further one.
const HOLD: std::ops::RangeInclusive<Nanos> = SECOND..=32 * SECOND;
/// Weight of the latest connection in the mean time to open one.
const OPENING_WEIGHT: f64 = 0.1;
/// How soon to look again where responses or time decide what is allowed next.
const SOON: Nanos = MILLISECOND;

/// See the module. Instants are from the run's epoch.
#[derive(Debug)]
pub struct Growth {
    /// Arrivals per nanosecond on this shard.
    rate: f64,
    /// Arrivals that fall due together.
    burst: f64,
    /// Never more connections than these.
    ceiling: usize,
    /// Mean time to open a connection; 0 before the first.
    opening: f64,
    /// When the first connection was asked for.
    first: Option<Nanos>,
    /// Smallest mean service time of any window: that of the target at ease.
    at_ease: Option<f64>,
    window: Window,
    /// Connections that may be opened before the window is full.
    quota: usize,
    /// Responses of the whole run.
    answered: u64,
    probe: Probe,
    /// How long the next probe without gain holds growth.
    hold: Nanos,
    /// Connections beyond this number are given up, after a probe without gain.
    keep: Option<usize>,
    /// Probes without gain since they were last asked for.
    held: u64,
}

/// Responses since an instant.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    began: Nanos,
    count: u64,
    service: Nanos,
}

impl Window {
    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.service as f64 / self.count as f64)
    }
}

/// Growth beyond the fitting size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Probe {
    /// No arrival waits, or there is room within the fitting size.
    #[default]
    Idle,
    /// The throughput before growth is being measured.
    Before(Measure),
    /// The new connections get to work.
    Settling { until: Nanos, before: Throughput },
    /// The throughput after growth is being measured.
    After {
        measure: Measure,
        before: Throughput,
    },
    /// There was no gain.
    Held { until: Nanos },
}

/// A measurement of throughput under way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measure {
    began: Nanos,
    until: Nanos,
    /// Responses when it began.
    answered: u64,
}

/// Responses per nanosecond of so many connections.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Throughput {
    size: usize,
    rate: f64,
}

impl Growth {
    /// For `rate` arrivals per second on the shard, of which those of `quantum` fall due
    /// together, and at most `ceiling` connections.
    pub fn new(rate: f64, quantum: Nanos, ceiling: usize) -> Self {
        let rate = rate / SECOND as f64;
        Self {
            rate,
            burst: rate * quantum as f64,
            ceiling,
            opening: 0.0,
            first: None,
            at_ease: None,
            window: Window::default(),
            quota: SPARE as usize,
            answered: 0,
            probe: Probe::Idle,
            hold: *HOLD.start(),
            keep: None,
            held: 0,
        }
    }

    /// Probes that showed no gain since the last call.
    pub fn take_held(&mut self) -> u64 {
        std::mem::take(&mut self.held)
    }

    /// A connection was opened in `took`, TLS handshake and all.
    pub fn opened(&mut self, took: Nanos) {
        let took = took as f64;
        if self.opening == 0.0 {
            self.opening = took;
        } else {
            self.opening += (took - self.opening) * OPENING_WEIGHT;
        }
    }

    /// A response came after `service`.
    pub fn answered(&mut self, service: Nanos) {
        self.answered += 1;
        self.window.count += 1;
        self.window.service += service;
    }

    /// No arrival waits: what a probe has measured so far says nothing.
    pub fn at_rest(&mut self) {
        if !matches!(self.probe, Probe::Held { .. }) {
            self.probe = Probe::Idle;
        }
    }

    /// Whether one of `size` connections is to be given up.
    pub fn is_surplus(&self, size: usize) -> bool {
        self.keep.is_some_and(|keep| size > keep)
    }

    /// How many connections may be opened at `now` beyond `size`, for arrivals of which the
    /// first was due at `due`, in a turn of the shard that came `late`.
    pub fn allowance(&mut self, now: Nanos, size: usize, due: Nanos, late: Nanos) -> usize {
        self.first.get_or_insert(now);
        self.close_window(now, size);
        if size >= self.ceiling || now < self.patient_until(due) {
            return 0;
        }
        let fitting = self.fitting(now);
        let more = if size < fitting {
            self.at_rest();
            self.keep = None;
            (fitting - size).min(self.quota_left())
        } else if self.is_unknown() || late > LATE_TURN {
            0
        } else {
            self.probe(now, size, due)
        };
        more.min(self.ceiling - size)
    }

    /// So many connections were opened.
    pub fn started(&mut self, count: usize) {
        self.quota = self.quota.saturating_sub(count);
    }

    /// When [`Self::allowance`] may be more than it is at `now`; `None` when it cannot.
    pub fn next_look(&self, now: Nanos, size: usize, due: Nanos) -> Option<Nanos> {
        if size >= self.ceiling {
            return None;
        }
        let patient = self.patient_until(due);
        if size < self.fitting(now) && self.quota_left() > 0 {
            return Some(patient);
        }
        if size < self.fitting(now) || self.is_unknown() {
            return Some(patient.max(now + SOON));
        }
        Some(match self.probe {
            Probe::Idle => due.saturating_add(PROBE_BACKLOG),
            Probe::Before(Measure { until, .. })
            | Probe::Settling { until, .. }
            | Probe::After {
                measure: Measure { until, .. },
                ..
            }
            | Probe::Held { until } => patient.max(until),
        })
    }

    /// Until then, a virtual user may come free sooner than a connection could be opened.
    fn patient_until(&self, due: Nanos) -> Nanos {
        due.saturating_add(self.opening as Nanos)
    }

    /// Whether no response has come yet.
    fn is_unknown(&self) -> bool {
        self.answered == 0
    }

    /// Connections that the rate needs, by Little's law, with room for scatter. Before the
    /// first response, its service time is at least what has passed.
    fn fitting(&self, now: Nanos) -> usize {
        let passed = now.saturating_sub(self.first.unwrap_or(now)) as f64;
        let known = self.at_ease.or(self.window.mean());
        let needed = HEADROOM * self.rate * known.unwrap_or(passed) + self.burst + SPARE;
        let fitting = match known {
            Some(_) => needed,
            None => needed.min((self.burst + SPARE) * (passed / SLOW_START as f64).exp2()),
        };
        (fitting as usize).min(self.ceiling)
    }

    /// What is left of the quota; there is none to keep to while nothing is known.
    fn quota_left(&self) -> usize {
        if self.is_unknown() {
            usize::MAX
        } else {
            self.quota
        }
    }

    fn close_window(&mut self, now: Nanos, size: usize) {
        let is_full = self.window.count >= WINDOW_RESPONSES;
        let Some(mean) = self.window.mean().filter(|_| is_full) else {
            return;
        };
        self.at_ease = Some(self.at_ease.map_or(mean, |least| least.min(mean)));
        self.quota = ((size as f64 * GROWTH_PER_WINDOW) as usize).max(SPARE as usize);
        self.window = Window {
            began: now,
            ..Window::default()
        };
    }

    /// Takes the probe on from where it is; gives how many connections to open.
    fn probe(&mut self, now: Nanos, size: usize, due: Nanos) -> usize {
        if self.probe == Probe::Idle && now < due.saturating_add(PROBE_BACKLOG) {
            return 0;
        }
        let (next, more) = match self.probe {
            Probe::Before(Measure { until, .. })
            | Probe::Settling { until, .. }
            | Probe::After {
                measure: Measure { until, .. },
                ..
            }
            | Probe::Held { until }
                if now < until =>
            {
                return 0;
            }
            Probe::Idle | Probe::Held { .. } => (Probe::Before(self.measure(now)), 0),
            Probe::Before(measure) => self.grow(now, self.throughput(now, size, measure)),
            Probe::Settling { before, .. } => {
                let measure = self.measure(now);
                (Probe::After { measure, before }, 0)
            }
            Probe::After { measure, before } => {
                self.compare(now, before, self.throughput(now, size, measure))
            }
        };
        self.probe = next;
        more
    }

    /// Doubles the connections.
    fn grow(&self, now: Nanos, before: Throughput) -> (Probe, usize) {
        let until = now + self.span(now);
        (Probe::Settling { until, before }, before.size)
    }

    fn compare(&mut self, now: Nanos, before: Throughput, after: Throughput) -> (Probe, usize) {
        let growth = after.size as f64 / before.size as f64 - 1.0;
        let expected = before.rate * (1.0 + PROBE_GAIN * growth);
        if after.rate > 0.0 && after.rate >= expected {
            self.hold = *HOLD.start();
            self.keep = None;
            return self.grow(now, after);
        }
        let until = now + self.hold;
        self.hold = (self.hold * 2).min(*HOLD.end());
        self.keep = Some(before.size);
        self.held += 1;
        (Probe::Held { until }, 0)
    }

    fn measure(&self, now: Nanos) -> Measure {
        Measure {
            began: now,
            until: now + self.span(now),
            answered: self.answered,
        }
    }

    fn throughput(&self, now: Nanos, size: usize, measure: Measure) -> Throughput {
        let count = self.answered - measure.answered;
        let span = now.saturating_sub(measure.began).max(1);
        Throughput {
            size,
            rate: count as f64 / span as f64,
        }
    }

    /// How long a step of a probe takes: no shorter than a response.
    fn span(&self, now: Nanos) -> Nanos {
        let silent = now.saturating_sub(self.window.began) as f64;
        let recent = self.window.mean().unwrap_or(silent);
        (recent as Nanos).clamp(PROBE_SPAN, *HOLD.end())
    }
}

#[cfg(test)]
mod tests;
