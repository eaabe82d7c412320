//! Limits the number of connections of the open model: it grows as far as the arrivals need it, and not
//! because the target responds slowly.
//!
//! A target near its capacity responds late, so arrivals find every connection busy. Opening a connection for
//! each of them delays the target further: the queue only moves from the generator into the target. So there
//! are two regions. Up to the *fitting size*, a multiple of what Little's law yields for the latency of the
//! unloaded target, a connection is opened as soon as an arrival has waited longer than opening one takes.
//! Beyond it, a *probe* has to show that more connections raise the throughput; if they do not, growth is
//! held for a while.
//!
//! Pure arithmetic on given instants: no clock, no sockets.

use vayu_shared::units::{MILLISECOND, Nanos, SECOND};

/// Factor on the connections that Little's law yields, for variance of arrivals and service times.
const HEADROOM: f64 = 4.0;
/// Connections that always fit, for rates and latencies so small that their product says little.
const SPARE: f64 = 16.0;
/// Number of responses over which a mean service time is computed.
const WINDOW_RESPONSES: u64 = 64;
/// Maximum growth of the connections per window, as a share.
const GROWTH_PER_WINDOW: f64 = 0.5;
/// Doubling time of the connections before the first response.
const SLOW_START: Nanos = 5 * MILLISECOND;
/// Turn delay above which the generator is considered overloaded. More connections would increase its load
/// further.
const LATE_TURN: Nanos = MILLISECOND;
/// Wait of an arrival before a probe begins. Shorter waits come from stalls that pass.
const PROBE_BACKLOG: Nanos = 100 * MILLISECOND;
/// Minimum duration of a throughput measurement.
const PROBE_SPAN: Nanos = 250 * MILLISECOND;
/// Minimum throughput growth of a successful probe, as a share of the connection growth.
const PROBE_GAIN: f64 = 0.5;
/// Hold time after a probe without gain. Doubles with each further one.
const HOLD: std::ops::RangeInclusive<Nanos> = SECOND..=32 * SECOND;
/// Weight of the latest connection in the moving average of the opening time.
const OPENING_WEIGHT: f64 = 0.1;
/// Interval until the next check if responses or time determine what is allowed next.
const SOON: Nanos = MILLISECOND;

/// Limits the number of connections. Instants are relative to the run's epoch.
#[derive(Debug)]
pub struct Growth {
    /// Arrivals per nanosecond on this shard.
    rate: f64,
    /// Number of arrivals that are due at the same time.
    burst: f64,
    /// Maximum number of connections.
    ceiling: usize,
    /// Mean time to open a connection; 0 before the first.
    opening: f64,
    /// When the first connection was requested.
    first: Option<Nanos>,
    /// Minimum over all windows of the mean service time: that of the unloaded target.
    unloaded_service: Option<f64>,
    window: Window,
    /// Connections that may still be opened before the window is full.
    quota: usize,
    /// Number of responses of the whole run.
    answered: u64,
    probe: Probe,
    /// Hold time after the next probe without gain.
    hold: Nanos,
    /// Number of connections to shrink to after a probe without gain.
    keep: Option<usize>,
    /// Number of probes without gain since the last call of `take_held`.
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

/// State of the growth beyond the fitting size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Probe {
    /// No arrival waits, or there is room within the fitting size.
    #[default]
    Idle,
    /// Measures the throughput before the growth.
    Before(Measure),
    /// Waits until the new connections are in use.
    Settling { until: Nanos, before: Throughput },
    /// Measures the throughput after the growth.
    After {
        measure: Measure,
        before: Throughput,
    },
    /// The probe showed no gain: no growth until then.
    Held { until: Nanos },
}

/// A throughput measurement in progress.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measure {
    began: Nanos,
    until: Nanos,
    /// Number of responses at its start.
    answered: u64,
}

/// Responses per nanosecond with `size` connections.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Throughput {
    size: usize,
    rate: f64,
}

impl Growth {
    /// Creates the limit for `rate` arrivals per second on the shard, with a pacing interval of `quantum`,
    /// and at most `ceiling` connections.
    pub fn new(rate: f64, quantum: Nanos, ceiling: usize) -> Self {
        let rate = rate / SECOND as f64;
        Self {
            rate,
            burst: rate * quantum as f64,
            ceiling,
            opening: 0.0,
            first: None,
            unloaded_service: None,
            window: Window::default(),
            quota: SPARE as usize,
            answered: 0,
            probe: Probe::Idle,
            hold: *HOLD.start(),
            keep: None,
            held: 0,
        }
    }

    /// Returns the number of probes without gain since the last call.
    pub fn take_held(&mut self) -> u64 {
        std::mem::take(&mut self.held)
    }

    /// Records the time to open a connection, including the TLS handshake.
    pub fn opened(&mut self, took: Nanos) {
        let took = took as f64;
        if self.opening == 0.0 {
            self.opening = took;
        } else {
            self.opening += (took - self.opening) * OPENING_WEIGHT;
        }
    }

    /// Records the service time of a response.
    pub fn answered(&mut self, service: Nanos) {
        self.answered += 1;
        self.window.count += 1;
        self.window.service += service;
    }

    /// No arrival waits: resets a probe, because its measurements are no longer meaningful.
    pub fn at_rest(&mut self) {
        if !matches!(self.probe, Probe::Held { .. }) {
            self.probe = Probe::Idle;
        }
    }

    /// Returns whether one of `size` connections has to be closed.
    pub fn is_surplus(&self, size: usize) -> bool {
        self.keep.is_some_and(|keep| size > keep)
    }

    /// Returns how many connections may be opened at `now` beyond `size`. `due` is when the first waiting
    /// arrival was due, `late` the delay of the shard's turn.
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

    /// Records that `count` connections were opened.
    pub fn started(&mut self, count: usize) {
        self.quota = self.quota.saturating_sub(count);
    }

    /// Returns when [`Self::allowance`] may exceed its value at `now`, or `None` if it cannot.
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

    /// Returns the instant before which a virtual user may become free sooner than a connection could be
    /// opened.
    fn patient_until(&self, due: Nanos) -> Nanos {
        due.saturating_add(self.opening as Nanos)
    }

    /// Returns whether no response has arrived yet.
    fn is_unknown(&self) -> bool {
        self.answered == 0
    }

    /// Returns the connections that the rate needs by Little's law, with headroom for variance. Before the
    /// first response, the service time is at least the elapsed time.
    fn fitting(&self, now: Nanos) -> usize {
        let passed = now.saturating_sub(self.first.unwrap_or(now)) as f64;
        let known = self.unloaded_service.or(self.window.mean());
        let needed = HEADROOM * self.rate * known.unwrap_or(passed) + self.burst + SPARE;
        let fitting = match known {
            Some(_) => needed,
            None => needed.min((self.burst + SPARE) * (passed / SLOW_START as f64).exp2()),
        };
        (fitting as usize).min(self.ceiling)
    }

    /// Returns the remaining quota. There is no quota before the first response.
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
        self.unloaded_service = Some(self.unloaded_service.map_or(mean, |least| least.min(mean)));
        self.quota = ((size as f64 * GROWTH_PER_WINDOW) as usize).max(SPARE as usize);
        self.window = Window {
            began: now,
            ..Window::default()
        };
    }

    /// Advances the probe. Returns the number of connections to open.
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

    /// Returns the duration of a step of a probe: at least that of a response.
    fn span(&self, now: Nanos) -> Nanos {
        let silent = now.saturating_sub(self.window.began) as f64;
        let recent = self.window.mean().unwrap_or(silent);
        (recent as Nanos).clamp(PROBE_SPAN, *HOLD.end())
    }
}

#[cfg(test)]
mod tests;
