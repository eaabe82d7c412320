//! The scenario of a seed: a plan, a target's behaviour, a machine and a network.

use std::fmt;
use std::sync::Arc;

use fastrand::Rng;
use vayu_shared::arrivals::{ArrivalPattern, ArrivalRate};
use vayu_shared::plan::{Origin, Plan, Step};
use vayu_shared::request::http1::PreparedRequest;
use vayu_shared::spec::{Bounds, Capture, Load};
use vayu_shared::units::{MICROSECOND, MILLISECOND, Nanos, SECOND};
use vayu_shared::vu_schedule::VuSchedule;

use super::target::Behaviour;
use crate::runtime::simulation::Conditions;

/// A scenario, generated from a seed.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub seed: u64,
    pub shards: usize,
    pub plan: Arc<Plan>,
    pub conditions: Conditions,
    pub behaviour: Behaviour,
    /// Start of the world's clock; `epoch` is the start of the run.
    pub begins: Nanos,
    pub epoch: Nanos,
    /// Times of manual stops, in ascending order.
    pub stops: Vec<Nanos>,
    /// Interval at which the collector drains its channel; `channel` is the channel's capacity.
    pub collects_every: Nanos,
    pub channel: usize,
}

/// Returns a random duration in a range, log-uniformly distributed.
pub fn span(rng: &mut Rng, from: Nanos, to: Nanos) -> Nanos {
    let (from, to) = (from as f64, to as f64);
    (from * (to / from).powf(rng.f64())) as Nanos
}

/// Returns true with a probability of `chance` percent.
pub fn percent(rng: &mut Rng, chance: u64) -> bool {
    rng.u64(0..100) < chance
}

impl Scenario {
    /// Generates the scenario of a seed.
    pub fn of(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let mut behaviour = Behaviour::any(rng);
        let is_crowded = percent(rng, 10);
        if is_crowded {
            behaviour.closes_kept(rng);
        }
        let load = load(rng, behaviour.service);
        let length = load.time_limit().unwrap_or(200 * MILLISECOND);
        let begins = rng.u64(1..SECOND);
        // The run may also begin late.
        let epoch = begins + rng.u64(0..6 * MILLISECOND) - rng.u64(0..MILLISECOND).min(begins);
        let stop_count = if percent(rng, 30) { rng.usize(1..3) } else { 0 };
        let mut stops: Vec<_> = (0..stop_count)
            .map(|_| begins + rng.u64(0..length + length / 4))
            .collect();
        stops.sort_unstable();
        let shards = rng.usize(1..4);
        let mut plan = plan(rng, load, (length, behaviour.service));
        let mut conditions = conditions(rng, begins, length);
        if is_crowded {
            crowd(rng, &mut plan, behaviour.service);
            conditions.freezes = freezes(rng, begins, length, 20);
        }
        Self {
            seed,
            shards,
            plan: Arc::new(plan),
            conditions,
            behaviour,
            begins,
            epoch,
            stops,
            collects_every: span(rng, MILLISECOND, 200 * MILLISECOND),
            channel: rng.usize(1..8),
        }
    }

    /// Returns whether only the network consumes time, so that every instant is known exactly.
    pub fn is_exact(&self) -> bool {
        let conditions = &self.conditions;
        conditions.poll_cost == 0
            && conditions.alarm_delay == 0
            && conditions.freezes.is_empty()
            && self.epoch >= self.begins
    }

    /// Returns the end of the graceful bound, when everything in flight is cancelled. `Nanos::MAX` if only a
    /// number of requests ends the run.
    pub fn last_moment(&self) -> Nanos {
        let bounds = &self.plan.bounds;
        let by_time = self.plan.load.time_limit();
        let by_time = by_time.map(|length| self.epoch + length + bounds.graceful_stop);
        // A second stop uses the remaining time of the first one.
        let by_hand = self.stops.first().map(|first| {
            let second = self.stops.get(1).unwrap_or(first);
            (first + bounds.graceful_stop).min(second + 3 * SECOND)
        });
        by_time
            .into_iter()
            .chain(by_hand)
            .min()
            .unwrap_or(Nanos::MAX)
    }
}

fn load(rng: &mut Rng, service: Nanos) -> Load {
    // Long enough for a few requests of each user, but not for millions.
    let duration = service.max(50 * MICROSECOND) * rng.u64(2..100) + rng.u64(0..1_000_000);
    match rng.u64(0..10) {
        0..5 => rate(rng, duration),
        5..8 => {
            let ramp = if rng.bool() { 0 } else { rng.u64(1..=duration) };
            Load::Concurrency(VuSchedule {
                start: rng.u64(0..12),
                target: rng.u64(1..12),
                ramp,
                duration: Some(duration),
            })
        }
        _ => Load::Iterations {
            iterations: span(rng, 1, 2_000),
            vus: rng.u64(1..12),
            duration: rng.bool().then_some(duration),
        },
    }
}

fn rate(rng: &mut Rng, duration: Nanos) -> Load {
    let arrivals = span(rng, 2, 2_000) as f64;
    let rate = (arrivals * SECOND as f64 / duration as f64).min(2e5);
    let is_counted = percent(rng, 30);
    Load::Rate {
        rate: ArrivalRate::per_second(rate).expect("legal"),
        pattern: match rng.u64(0..3) {
            0 => ArrivalPattern::Poisson { seed: rng.u64(..) },
            _ => ArrivalPattern::Even,
        },
        quantum: match rng.u64(0..4) {
            0 => span(rng, 100 * MICROSECOND, 20 * MILLISECOND),
            _ => 0,
        },
        duration: (!is_counted || rng.bool()).then_some(duration),
        requests: is_counted.then(|| span(rng, 1, 1_000)),
    }
}

fn plan(rng: &mut Rng, load: Load, (length, service): (Nanos, Nanos)) -> Plan {
    let is_long = percent(rng, 15);
    let request_bytes = if is_long {
        rng.usize(4_000..40_000)
    } else {
        rng.usize(20..300)
    };
    let limit = service.max(MILLISECOND);
    let request = PreparedRequest {
        bytes: vec![b'x'; request_bytes].into(),
        is_head: percent(rng, 10),
        is_idempotent: percent(rng, 70),
        closes: percent(rng, 5),
    };
    let (origins, steps) = steps(rng, &request);
    Plan {
        origins,
        steps,
        load,
        capture: Capture {
            success_sample_percent: 100.0,
            slow_threshold: Nanos::MAX,
            reports_slow: false,
            timing_breakdown: true,
        },
        bounds: Bounds {
            connect_timeout: span(rng, 2 * MILLISECOND, 300 * MILLISECOND),
            request_timeout: span(rng, limit, 100 * limit),
            graceful_stop: rng.u64(0..3) * span(rng, MILLISECOND, 300 * MILLISECOND),
            max_connections: span(rng, 1, 60),
        },
        keep_alive: percent(rng, 90),
        retry_stale: percent(rng, 80),
        max_requests_per_connection: percent(rng, 20).then(|| rng.u64(1..10)),
        stats_interval: span(rng, length / 8 + MILLISECOND, 2 * length + 2 * MILLISECOND),
        ..crate::bench_api::plan()
    }
}

/// Usually one step; otherwise several, to one origin or to several.
fn steps(rng: &mut Rng, request: &PreparedRequest) -> (Vec<Origin>, Vec<Step>) {
    let is_one = percent(rng, 70);
    let steps = if is_one { 1 } else { rng.usize(2..6) };
    let origins = rng.u8(1..4).min(steps as u8);
    let origin = |number| Origin {
        addresses: (1..=rng.u8(1..4))
            .map(|last| ([10, 0, number, last], 80).into())
            .collect(),
        ..Origin::default()
    };
    let all = (0..origins).map(origin).collect();
    let step = |_| Step {
        origin: rng.usize(0..origins.into()),
        request: request.clone(),
        encoder: None,
        signing: None,
    };
    (all, (0..steps).map(step).collect())
}

fn conditions(rng: &mut Rng, begins: Nanos, length: Nanos) -> Conditions {
    let most_freezes = if percent(rng, 30) { 4 } else { 1 };
    Conditions {
        latency: span(rng, MICROSECOND, 5 * MILLISECOND),
        poll_cost: u64::from(percent(rng, 40)) * rng.u64(50..20_000),
        alarm_delay: u64::from(percent(rng, 40)) * rng.u64(1..200_000),
        send_buffer: rng.usize(1_000..64_000),
        freezes: freezes(rng, begins, length, most_freezes),
    }
}

/// Generates fewer than `most` freezes within `length`.
fn freezes(rng: &mut Rng, begins: Nanos, length: Nanos, most: usize) -> Vec<(Nanos, Nanos)> {
    let count = rng.usize(0..most);
    let mut freezes: Vec<_> = (0..count)
        .map(|_| {
            let from = begins + rng.u64(0..=length);
            (from, span(rng, 10 * MICROSECOND, 300 * MILLISECOND))
        })
        .collect();
    freezes.sort_unstable();
    freezes
}

/// Many requests on few connections that are often stale: retries wait in the queue and time out there.
fn crowd(rng: &mut Rng, plan: &mut Plan, service: Nanos) {
    plan.keep_alive = true;
    plan.retry_stale = true;
    for step in &mut plan.steps {
        step.request.is_idempotent = true;
        step.request.closes = false;
    }
    plan.max_requests_per_connection = None;
    plan.bounds.max_connections = rng.u64(1..6);
    plan.bounds.request_timeout = span(rng, service.max(MILLISECOND), 4 * service + MILLISECOND);
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.plan;
        let request = &plan.steps[0].request;
        writeln!(f, "  {:?} on {} shards", plan.load, self.shards)?;
        writeln!(f, "  {:?}", plan.bounds)?;
        writeln!(
            f,
            "  requests of {} bytes, HEAD {}, idempotent {}, Connection: close {}, to origins {:?}",
            request.bytes.len(),
            request.is_head,
            request.is_idempotent,
            request.closes,
            plan.steps
                .iter()
                .map(|step| step.origin)
                .collect::<Vec<_>>()
        )?;
        writeln!(
            f,
            "  connections kept {}, for {:?} requests, tried again {}, {} addresses",
            plan.keep_alive,
            plan.max_requests_per_connection,
            plan.retry_stale,
            plan.addresses().len()
        )?;
        writeln!(f, "  {:?}", self.behaviour)?;
        writeln!(f, "  {:?}", self.conditions)?;
        writeln!(
            f,
            "  clock from {}, epoch {}, stopped at {:?}",
            self.begins, self.epoch, self.stops
        )?;
        writeln!(
            f,
            "  a snapshot every {} ns, taken every {} ns, {} at most wait",
            plan.stats_interval, self.collects_every, self.channel
        )
    }
}
