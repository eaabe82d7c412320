//! Targets of known behaviour in simulated time, in steps of one millisecond.

use super::*;

/// Service time of a target in nanoseconds, given its number of concurrent requests and the time since the
/// epoch.
type Target = fn(usize, Nanos) -> f64;

/// A target with a service time of one millisecond and a capacity of ten thousand requests per second.
fn of_capacity(in_it: usize, _: Nanos) -> f64 {
    (in_it as f64 * SECOND as f64 / 10_000.0).max(MILLISECOND as f64)
}

/// A run in progress.
struct Simulation {
    growth: Growth,
    target: Target,
    rate: f64,
    now: Nanos,
    size: usize,
    waiting: f64,
    /// Fraction of a response that is not yet complete.
    part: f64,
}

impl Simulation {
    fn new(rate: f64, target: Target) -> Self {
        Self {
            growth: Growth::new(rate, 0, 10_000),
            target,
            rate,
            now: 0,
            size: 0,
            waiting: 0.0,
            part: 0.0,
        }
    }

    /// Advances by one millisecond: arrivals queue up, and connections serve as fast as the target does.
    fn step(&mut self) {
        self.now += MILLISECOND;
        self.waiting += self.rate / 1_000.0;
        let (served, service) = self.serve();
        self.waiting -= served;
        self.part += served;
        while self.part >= 1.0 {
            self.growth.answered(service as Nanos);
            self.part -= 1.0;
        }
        if self.growth.is_surplus(self.size) {
            self.size -= 1;
        }
        if self.waiting < 1.0 {
            return self.growth.at_rest();
        }
        let due = self.now - (self.waiting / self.rate * SECOND as f64) as Nanos;
        let more = self.growth.allowance(self.now, self.size, due, 0);
        self.growth.started(more);
        if more > 0 {
            self.growth.opened(100_000);
        }
        self.size += more;
    }

    /// Returns the number of responses within a millisecond and the service time of each. Uses no more
    /// connections than the waiting arrivals need.
    fn serve(&self) -> (f64, f64) {
        let over = |connections: usize| {
            let service = (self.target)(connections, self.now);
            (connections as f64 * MILLISECOND as f64 / service, service)
        };
        let enough = (1..=self.size)
            .map(over)
            .find(|(served, _)| *served >= self.waiting);
        let (served, service) = enough.unwrap_or_else(|| over(self.size));
        (served.min(self.waiting), service)
    }

    /// Runs until `second` of the run. Returns the maximum number of connections.
    fn until(&mut self, second: u64) -> usize {
        let mut most = self.size;
        while self.now < second * SECOND {
            self.step();
            most = most.max(self.size);
        }
        most
    }
}

#[test]
fn a_target_below_its_capacity_gets_few_connections() {
    let mut run = Simulation::new(9_000.0, of_capacity);
    let most = run.until(20);
    assert!(most <= 4 * 9 + 16 + 1, "{most} connections for a need of 9");
    assert!(run.waiting < 20.0, "{} arrivals wait", run.waiting);
}

#[test]
fn a_target_beyond_its_capacity_is_not_buried_in_connections() {
    let mut run = Simulation::new(12_000.0, of_capacity);
    let most = run.until(60);
    let fitting = run.growth.fitting(run.now);
    assert!(most <= 2 * fitting, "{most} connections, {fitting} fit");
    assert!(run.size <= fitting + 1, "{} are left of {most}", run.size);
}

#[test]
fn a_stall_costs_no_more_than_one_doubling_of_what_fits() {
    let mut run = Simulation::new(1_000.0, |_, now| {
        let is_frozen = (5 * SECOND..7 * SECOND).contains(&now);
        if is_frozen {
            1e15
        } else {
            10.0 * MILLISECOND as f64
        }
    });
    run.until(5);
    let fitting = run.growth.fitting(run.now);
    let most = run.until(12);
    assert!(most <= 2 * fitting, "{most} connections, {fitting} fit");
    assert!(run.waiting < 20.0, "{} arrivals still wait", run.waiting);
}

#[test]
fn a_slow_target_that_takes_everything_gets_what_the_rate_needs() {
    let mut run = Simulation::new(1_000.0, |_, _| SECOND as f64);
    run.until(5);
    assert!((1_000..=4_100).contains(&run.size), "{}", run.size);
    assert!(run.waiting < 20.0, "{} arrivals wait", run.waiting);
}

#[test]
fn a_target_that_becomes_slow_without_being_full_gets_more_as_it_takes_them() {
    let mut run = Simulation::new(1_000.0, |_, now| {
        let slow = now > 5 * SECOND;
        MILLISECOND as f64 * if slow { 1_000.0 } else { 10.0 }
    });
    let before = run.until(5);
    assert!(before < 100, "{before} connections before");
    run.until(30);
    assert!(
        run.size >= 1_000,
        "{} connections, 1,000 are needed",
        run.size
    );
}

#[test]
fn an_arrival_waits_as_long_as_opening_a_connection_takes() {
    let mut growth = Growth::new(1_000.0, 0, 100);
    assert!(growth.allowance(0, 0, 0, 0) > 0, "nothing is known yet");
    growth.opened(2 * MILLISECOND);
    growth.answered(MILLISECOND);
    assert_eq!(growth.allowance(3 * MILLISECOND, 1, 2 * MILLISECOND, 0), 0);
    assert_eq!(
        growth.next_look(3 * MILLISECOND, 1, 2 * MILLISECOND),
        Some(4 * MILLISECOND)
    );
    assert!(growth.allowance(4 * MILLISECOND, 1, 2 * MILLISECOND, 0) > 0);
}

#[test]
fn a_generator_without_time_begins_no_probe() {
    let mut busy = Simulation::new(12_000.0, of_capacity);
    busy.until(1);
    let (now, size) = (busy.now + SECOND, busy.growth.fitting(busy.now));
    let grown = |growth: &mut Growth, late| {
        (0..2_000)
            .map(|step| growth.allowance(now + step * MILLISECOND, size, 0, late))
            .sum::<usize>()
    };
    assert_eq!(grown(&mut busy.growth, 2 * LATE_TURN), 0);
    assert!(grown(&mut busy.growth, 0) > 0, "with time, it begins one");
}

#[test]
fn the_ceiling_holds_and_ends_all_looks() {
    let mut growth = Growth::new(1e6, 0, 3);
    assert_eq!(growth.allowance(SECOND, 1, 0, 0), 2);
    assert_eq!(
        (
            growth.allowance(SECOND, 3, 0, 0),
            growth.next_look(SECOND, 3, 0)
        ),
        (0, None)
    );
}

#[test]
fn a_quantum_needs_a_connection_for_each_of_its_arrivals() {
    let mut growth = Growth::new(60_000.0, MILLISECOND, 10_000);
    assert!(growth.allowance(0, 0, 0, 0) >= 60);
}
