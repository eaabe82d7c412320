//! Records counts, distributions and samples of the current interval. One recorder per run and shard, without
//! sharing.

use vayu_shared::examples::ErrorExample;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::plan::Plan;
use vayu_shared::sample::{Sample, SampleOutcome};
use vayu_shared::sampling::EvenSampler;
use vayu_shared::script_totals::ScriptTotals;
use vayu_shared::snapshot::Delta;
use vayu_shared::step_delta::StepDelta;
use vayu_shared::units::Nanos;

use super::arrival::Arrival;
use crate::exchange::Response;
use crate::net::Failure;

/// Recorder of one run on one shard.
pub struct Recorder {
    shard: usize,
    delta: Box<Delta>,
    /// Number of responses without a wait for a virtual user, and without a wait for a connection. Nearly all
    /// responses, so they are counted here and added to the histograms in bulk.
    without_vu_wait: u64,
    without_block: u64,
    sampler: EvenSampler,
    slow_threshold: Nanos,
    /// Number of steps that are counted separately. 0 if there is only one.
    steps: usize,
    timing_breakdown: bool,
    open_model: bool,
    epoch: Nanos,
    last_end: Nanos,
}

/// Timestamps of the phases of one exchange, on the monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamps {
    /// Durations of the phases of opening the connection. All 0 for a kept-alive one.
    pub opening: PhaseTimings,
    /// How long the virtual user waited for a slot in the pool and for a connection.
    pub blocked: Nanos,
    /// When sending started.
    pub sent: Nanos,
    /// When the first byte arrived.
    pub first_byte: Nanos,
    /// When the exchange ended.
    pub ended: Nanos,
}

impl Recorder {
    /// Creates an empty recorder on `shard` for a run that starts at `epoch`.
    pub fn new(shard: usize, plan: &Plan, epoch: Nanos) -> Self {
        let steps = match plan.steps.len() {
            1 => 0,
            several => several,
        };
        Self {
            shard,
            delta: with_steps(Box::default(), steps),
            steps,
            without_vu_wait: 0,
            without_block: 0,
            sampler: EvenSampler::new(plan.capture.success_sample_percent),
            slow_threshold: plan.capture.slow_threshold,
            timing_breakdown: plan.capture.timing_breakdown,
            open_model: plan.load.is_open(),
            epoch,
            last_end: epoch,
        }
    }

    /// Returns the counters of the current interval.
    pub fn counters(&mut self) -> &mut vayu_shared::counters::Counters {
        &mut self.delta.counters
    }

    /// Returns the script totals of the current interval.
    pub fn scripts(&mut self) -> &mut ScriptTotals {
        &mut self.delta.scripts
    }

    /// Returns when the last exchange ended.
    pub fn last_end(&self) -> Nanos {
        self.last_end
    }

    /// Counts arrivals that were due.
    pub fn offered(&mut self, count: u64) {
        self.delta.counters.offered += count;
    }

    /// Records the schedule lag of one arrival.
    pub fn lagged(&mut self, lag: Nanos) {
        self.delta.latencies.schedule_lag.record(lag);
    }

    /// Records a TCP connection that was opened.
    pub fn connected(&mut self, times: &PhaseTimings) {
        self.delta.counters.connects += 1;
        self.delta.latencies.connect.record(times.connect);
        let phases = &mut self.delta.counters.phases;
        phases.connect.add(times.connect);
        if times.dns > 0 {
            phases.dns.add(times.dns);
        }
    }

    /// Records a completed TLS handshake.
    pub fn secured(&mut self, span: Nanos) {
        self.delta.latencies.tls.record(span);
        self.delta.counters.phases.tls.add(span);
    }

    /// Records a response to the request of a step. `buffer` holds its head and the beginning of its body.
    pub fn answered(
        &mut self,
        step: usize,
        arrival: Arrival,
        stamps: &Stamps,
        response: &Response,
        buffer: &[u8],
    ) {
        let response_time = stamps.ended.saturating_sub(arrival.intended);
        let service_time = stamps.ended.saturating_sub(stamps.sent);
        self.delta.latencies.response.record(response_time);
        self.delta.latencies.service.record(service_time);
        self.record_waits(arrival.vu_wait, stamps.blocked);
        self.delta.counters.count_status(response.status);
        if let Some(step) = self.delta.steps.get_mut(step) {
            step.service.record(service_time);
            let is_success = response.status.is_success();
            step.succeeded += u64::from(is_success);
            step.refused += u64::from(!is_success);
        }
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

    fn record_waits(&mut self, vu_wait: Nanos, blocked: Nanos) {
        match vu_wait {
            0 => self.without_vu_wait += 1,
            wait => self.delta.latencies.vu_wait.record(wait),
        }
        match blocked {
            0 => self.without_block += 1,
            wait => self.delta.latencies.blocked.record(wait),
        }
    }

    /// Records a failure.
    pub fn failed(&mut self, step: usize, arrival: Arrival, ended: Nanos, failure: Failure) {
        let Failure { class, detail } = failure;
        if let Some(step) = self.delta.steps.get_mut(step) {
            step.failed += 1;
        }
        self.delta.counters.count_error(class);
        self.took_without_answer(arrival, ended);
        self.last_end = self.last_end.max(ended);
        let at = ended.saturating_sub(self.epoch);
        if self.delta.examples.has_room(class) {
            self.delta.examples.add(ErrorExample {
                at,
                shard: self.shard,
                class,
                detail: detail.clone(),
            });
        }
        if self.keeps(true) {
            let outcome = SampleOutcome::Failed { class, detail };
            let sample = Sample::new(at, ended.saturating_sub(arrival.intended), outcome);
            self.delta.samples.push(sample, b"", b"", true);
        }
    }

    /// Counts an exchange that was in flight when the run ended, at `ended`.
    pub fn cancelled(&mut self, step: usize, arrival: Arrival, ended: Nanos) {
        self.delta.counters.cancelled += 1;
        if let Some(step) = self.delta.steps.get_mut(step) {
            step.cancelled += 1;
        }
        self.took_without_answer(arrival, ended);
    }

    fn took_without_answer(&mut self, arrival: Arrival, ended: Nanos) {
        let took = ended.saturating_sub(arrival.intended);
        self.delta.counters.unanswered_time.add(took);
    }

    /// Takes the delta of the finished interval and leaves `empty` for the next.
    pub fn take(&mut self, empty: Box<Delta>) -> Box<Delta> {
        let latencies = &mut self.delta.latencies;
        latencies.vu_wait.record_many(0, self.without_vu_wait);
        latencies.blocked.record_many(0, self.without_block);
        (self.without_vu_wait, self.without_block) = (0, 0);
        std::mem::replace(&mut self.delta, with_steps(empty, self.steps))
    }

    /// Takes back a delta that could not be handed over.
    pub fn put_back(&mut self, delta: Box<Delta>) {
        let newer = std::mem::replace(&mut self.delta, delta);
        self.delta.merge(&newer);
        self.delta.counters.snapshots_deferred += 1;
    }

    /// Returns whether the current request becomes a sample.
    fn keeps(&mut self, priority: bool) -> bool {
        let wanted = priority || self.sampler.keeps_next();
        let kept = wanted && self.delta.samples.has_room(priority);
        let counters = &mut self.delta.counters;
        if wanted && !kept && priority {
            counters.priority_samples_lost += 1;
        } else if wanted && !kept {
            counters.samples_thinned += 1;
        }
        kept
    }

    fn count_phases(&mut self, stamps: &Stamps) -> Option<PhaseTimings> {
        if !self.timing_breakdown {
            return None;
        }
        let timing = PhaseTimings {
            first_byte: stamps.first_byte.saturating_sub(stamps.sent),
            download: stamps.ended.saturating_sub(stamps.first_byte),
            ..stamps.opening
        };
        let phases = &mut self.delta.counters.phases;
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
        self.delta.samples.push(sample, head, body, priority);
    }
}

/// Resizes an empty delta to `steps` steps. A delta of another run may have more or fewer.
fn with_steps(mut empty: Box<Delta>, steps: usize) -> Box<Delta> {
    empty.steps.resize_with(steps, StepDelta::default);
    empty
}

#[cfg(test)]
mod tests {
    use super::super::opening::late;
    use super::*;
    use vayu_shared::outcome::{ErrorClass, Status};
    use vayu_shared::spec::Capture;

    fn recorder(percent: f64) -> Recorder {
        let mut plan = crate::bench_api::plan();
        plan.capture = Capture {
            success_sample_percent: percent,
            slow_threshold: 1_000,
            reports_slow: true,
            timing_breakdown: true,
        };
        Recorder::new(0, &plan, 0)
    }

    fn response(code: u16) -> Response {
        Response {
            status: Status::new(code).expect("legal"),
            head_len: 4,
            body_bytes: 3,
            ended: 0,
            excess: 0,
            keep_alive: true,
        }
    }

    fn stamps(ended: Nanos) -> Stamps {
        Stamps {
            sent: 100,
            first_byte: 200,
            ended,
            ..Stamps::default()
        }
    }

    #[test]
    fn successes_are_thinned_to_their_share_and_the_rest_is_kept() {
        let mut recorder = recorder(10.0);
        let arrival = Arrival::at(0);
        for _ in 0..100 {
            recorder.answered(0, arrival, &stamps(300), &response(200), b"headbod");
        }
        recorder.answered(0, arrival, &stamps(300), &response(500), b"headbod");
        recorder.answered(0, arrival, &stamps(5_000), &response(200), b"headbod");
        recorder.failed(0, arrival, 300, late(ErrorClass::BodyTimeout));
        let delta = recorder.take(Box::default());
        assert_eq!(delta.samples.len(), 10 + 3);
        assert_eq!(delta.counters.slow, 1);
        assert_eq!(delta.counters.completed(), 103);
        assert_eq!(delta.latencies.response.count(), 102);
        assert_eq!(delta.latencies.vu_wait.count(), 102);
        assert_eq!(delta.latencies.blocked.count(), 102);
        assert_eq!(delta.examples.iter().count(), 1);
        assert_eq!(delta.counters.phases.connect.count, 0);
        assert_eq!(delta.counters.phases.download.count, 102);
        let (_, head, body) = delta.samples.iter().next().expect("a sample");
        assert_eq!((head, body), (b"head".as_slice(), b"bod".as_slice()));
    }

    #[test]
    fn a_delta_that_came_back_is_merged_and_counted() {
        let mut recorder = recorder(0.0);
        recorder.offered(1);
        recorder.lagged(5);
        let delta = recorder.take(Box::default());
        recorder.offered(1);
        recorder.lagged(7);
        recorder.put_back(delta);
        let delta = recorder.take(Box::default());
        assert_eq!(delta.counters.offered, 2);
        assert_eq!(delta.counters.snapshots_deferred, 1);
        assert_eq!(delta.latencies.schedule_lag.count(), 2);
    }
}
