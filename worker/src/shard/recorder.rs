//! Writes down what happened: counts, distributions and samples of the current
//! interval. One per run and shard; nobody else touches it.

use vayu_shared::outcome::ErrorClass;
use vayu_shared::plan::Plan;
use vayu_shared::sample::{Sample, SampleOutcome, Timing};
use vayu_shared::sampling::EvenSampler;
use vayu_shared::snapshot::Delta;
use vayu_shared::units::Nanos;

use super::dispatch::Arrival;
use crate::exchange::{Response, decoded_prefix};
use crate::net::Failure;

/// See the module.
pub struct Recorder {
    delta: Box<Delta>,
    sampler: EvenSampler,
    slow_threshold: Nanos,
    timing_breakdown: bool,
    open_model: bool,
    epoch: Nanos,
    last_end: Nanos,
}

/// When the steps of one exchange were taken, on the monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamps {
    /// How long making the connection took; 0 for a kept one.
    pub connect: Nanos,
    /// When sending began.
    pub sent: Nanos,
    /// When the first byte came.
    pub first_byte: Nanos,
    /// When it was over.
    pub ended: Nanos,
}

impl Recorder {
    /// An empty recorder for a run that begins at `epoch`.
    pub fn new(plan: &Plan, epoch: Nanos) -> Self {
        Self {
            delta: Box::default(),
            sampler: EvenSampler::new(plan.capture.success_sample_percent),
            slow_threshold: plan.capture.slow_threshold,
            timing_breakdown: plan.capture.timing_breakdown,
            open_model: plan.load.is_open(),
            epoch,
            last_end: epoch,
        }
    }

    /// The counts of the current interval.
    pub fn counters(&mut self) -> &mut vayu_shared::counters::Counters {
        &mut self.delta.counters
    }

    /// When the last exchange ended.
    pub fn last_end(&self) -> Nanos {
        self.last_end
    }

    /// Counts a released arrival that was `lag` late.
    pub fn released(&mut self, lag: Nanos) {
        self.delta.counters.offered += 1;
        self.delta.latencies.schedule_lag.record(lag);
    }

    /// Records a response; `buffer` holds its head and the beginning of its body.
    pub fn answered(
        &mut self,
        arrival: Arrival,
        stamps: Stamps,
        response: &Response,
        buffer: &[u8],
    ) {
        let response_time = stamps.ended.saturating_sub(arrival.intended);
        let service_time = stamps.ended.saturating_sub(stamps.sent);
        self.delta.latencies.response.record(response_time);
        self.delta.latencies.service.record(service_time);
        self.delta.counters.count_status(response.status);
        self.last_end = self.last_end.max(stamps.ended);
        let timing = self.count_phases(stamps);
        let latency = if self.open_model {
            response_time
        } else {
            service_time
        };
        let slow = latency > self.slow_threshold;
        self.delta.counters.slow += u64::from(slow);
        let priority = slow || !response.status.is_success();
        if self.keeps(priority) {
            let outcome = SampleOutcome::Answered(response.status);
            let mut sample = Sample::new(stamps.ended - self.epoch, latency, outcome);
            (sample.timing, sample.body_bytes) = (timing, response.body_bytes);
            self.keep_response(sample, response, buffer, priority);
        }
    }

    /// Records a failure.
    pub fn failed(&mut self, arrival: Arrival, ended: Nanos, failure: Failure) {
        self.delta.counters.count_error(failure.class);
        self.last_end = self.last_end.max(ended);
        if self.keeps(true) {
            let Failure { class, detail } = failure;
            let outcome = SampleOutcome::Failed { class, detail };
            let latency = ended.saturating_sub(arrival.intended);
            let sample = Sample::new(ended.saturating_sub(self.epoch), latency, outcome);
            self.delta.samples.push(sample, b"", b"", true);
        }
    }

    /// Counts an exchange that was in flight when the run was over.
    pub fn cancelled(&mut self) {
        self.delta.counters.cancelled += 1;
    }

    /// The delta of the interval that is over, leaving `empty` for the next.
    pub fn take(&mut self, empty: Box<Delta>) -> Box<Delta> {
        std::mem::replace(&mut self.delta, empty)
    }

    /// Takes a delta back that could not be handed over.
    pub fn put_back(&mut self, delta: Box<Delta>) {
        let newer = std::mem::replace(&mut self.delta, delta);
        self.delta.merge(&newer);
        self.delta.counters.snapshots_deferred += 1;
    }

    /// Whether the request at hand becomes a sample.
    fn keeps(&mut self, priority: bool) -> bool {
        let wanted = priority || self.sampler.keeps_next();
        let kept = wanted && self.delta.samples.has_room(priority);
        self.delta.counters.samples_thinned += u64::from(wanted && !kept);
        kept
    }

    fn count_phases(&mut self, stamps: Stamps) -> Option<Timing> {
        if !self.timing_breakdown {
            return None;
        }
        let timing = Timing {
            connect: stamps.connect,
            tls: 0,
            first_byte: stamps.first_byte.saturating_sub(stamps.sent),
            download: stamps.ended.saturating_sub(stamps.first_byte),
        };
        let phases = &mut self.delta.counters.phases;
        if timing.connect > 0 {
            phases.connect.add(timing.connect);
        }
        phases.first_byte.add(timing.first_byte);
        phases.download.add(timing.download);
        Some(timing)
    }

    fn keep_response(
        &mut self,
        sample: Sample,
        response: &Response,
        buffer: &[u8],
        priority: bool,
    ) {
        let (head, body) = buffer.split_at(response.head_len.min(buffer.len()));
        if response.chunked {
            let body = decoded_prefix(body);
            self.delta.samples.push(sample, head, &body, priority);
        } else {
            let end = body
                .len()
                .min(usize::try_from(response.body_bytes).unwrap_or(usize::MAX));
            self.delta
                .samples
                .push(sample, head, &body[..end], priority);
        }
    }
}

/// The failure that a step which took too long amounts to.
pub fn timeout(class: ErrorClass) -> Failure {
    let text = match class {
        ErrorClass::ConnectTimeout => "no connection was made in time",
        ErrorClass::FirstByteTimeout => "the response did not begin in time",
        _ => "the response did not end in time",
    };
    Failure::new(class, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vayu_shared::outcome::Status;
    use vayu_shared::plan::PreparedRequest;
    use vayu_shared::spec::{Bounds, Capture, Load};
    use vayu_shared::vu_schedule::VuSchedule;

    fn recorder(percent: f64) -> Recorder {
        let capture = Capture {
            success_sample_percent: percent,
            slow_threshold: 1_000,
            reports_slow: true,
            timing_breakdown: true,
        };
        let request = PreparedRequest {
            bytes: b"GET / HTTP/1.1\r\n\r\n".as_slice().into(),
            is_head: false,
            is_idempotent: true,
        };
        let plan = Plan {
            addresses: Vec::new(),
            resolve_time: None,
            request,
            load: Load::Concurrency(VuSchedule::constant(1, Some(1))),
            capture,
            bounds: Bounds::default(),
            stats_interval: 1,
        };
        Recorder::new(&plan, 0)
    }

    fn response(code: u16) -> Response {
        Response {
            status: Status::new(code).expect("legal"),
            head_len: 4,
            chunked: false,
            body_bytes: 3,
            ended: 0,
            keep_alive: true,
        }
    }

    fn stamps(ended: Nanos) -> Stamps {
        Stamps {
            connect: 0,
            sent: 100,
            first_byte: 200,
            ended,
        }
    }

    #[test]
    fn successes_are_thinned_to_their_share_and_the_rest_is_kept() {
        let mut recorder = recorder(10.0);
        let arrival = Arrival { intended: 0 };
        for _ in 0..100 {
            recorder.answered(arrival, stamps(300), &response(200), b"headbod");
        }
        recorder.answered(arrival, stamps(300), &response(500), b"headbod");
        recorder.answered(arrival, stamps(5_000), &response(200), b"headbod");
        recorder.failed(arrival, 300, timeout(ErrorClass::BodyTimeout));
        let delta = recorder.take(Box::default());
        assert_eq!(delta.samples.len(), 10 + 3);
        assert_eq!(delta.counters.slow, 1);
        assert_eq!(delta.counters.completed(), 103);
        assert_eq!(delta.latencies.response.count(), 102);
        assert_eq!(delta.counters.phases.connect.count, 0);
        assert_eq!(delta.counters.phases.download.count, 102);
        let (_, head, body) = delta.samples.iter().next().expect("a sample");
        assert_eq!((head, body), (b"head".as_slice(), b"bod".as_slice()));
    }

    #[test]
    fn a_delta_that_came_back_is_merged_and_counted() {
        let mut recorder = recorder(0.0);
        recorder.released(5);
        let delta = recorder.take(Box::default());
        recorder.released(7);
        recorder.put_back(delta);
        let delta = recorder.take(Box::default());
        assert_eq!(delta.counters.offered, 2);
        assert_eq!(delta.counters.snapshots_deferred, 1);
        assert_eq!(delta.latencies.schedule_lag.count(), 2);
    }
}
