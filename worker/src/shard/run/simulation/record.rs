//! Executes one shard of a scenario and collects what its run reported and what the network observed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use vayu_shared::counters::Counters;
use vayu_shared::message::ShardEvent;
use vayu_shared::sample::Sample;
use vayu_shared::snapshot::{Delta, ShardSnapshot};
use vayu_shared::step_delta::{self, StepDelta};
use vayu_shared::units::Nanos;

use super::super::{Phase, ShardRun};
use super::scenario::Scenario;
use super::schedule;
use super::target::{Planned, SimulatedTarget};
use super::{Finding, ensure, same};
use crate::command::Start;
use crate::net::Fence;
use crate::runtime::simulation::{Alarm, Observation, World, WorldGuard};
use crate::shard::Position;

/// What one shard reported and what the network observed.
pub struct Record {
    pub counters: Counters,
    /// Number of values in each distribution.
    pub measured: BTreeMap<&'static str, u64>,
    /// Counts per step.
    pub steps: Vec<StepDelta>,
    pub samples: Vec<Sample>,
    /// End of the run, relative to the epoch.
    pub ended_at: Nanos,
    pub observations: Vec<Observation>,
    /// Planned responses of the target to the requests of each connection.
    pub plans: BTreeMap<usize, Vec<Planned>>,
    /// When the run was over, on the world's clock.
    pub over: Nanos,
}

impl Record {
    /// Executes `shard` of `scenario`.
    ///
    /// # Errors
    /// Returns a violation found during the run, or that the run does not end.
    pub fn of(scenario: &Scenario, shard: usize) -> Result<Self, Finding> {
        let (target, plans) = SimulatedTarget::new(scenario, shard);
        let stay = World::enter(
            scenario.begins,
            scenario.conditions.clone(),
            Box::new(target),
        );
        let world = Rc::clone(stay.world());
        let (events, received) = bounded(scenario.channel);
        let (spares, spare) = spares(scenario.channel);
        let left = spare.clone();
        let run = Rc::new(start(scenario, shard, events, spare)?);
        let collected = collect(scenario, received, spares);
        stop(scenario, &run);
        let watch = Watch::new(scenario, shard, &run, &world);
        let over = Rc::new(Cell::new(0));
        let main = {
            let (run, world, over) = (Rc::clone(&run), Rc::clone(&world), Rc::clone(&over));
            async move {
                run.drive().await;
                over.set(world.now());
            }
        };
        let ran = world.run(main, |now| watch.at_rest(now));
        ran.map_err(|stuck| format!("the run does not end: {stuck:?}"))?;
        watch.finding()?;
        same("connections open after the end", world.open(), 0)?;
        same("virtual users after the end", run.live_vus.get(), 0)?;
        let mut collected = collected.borrow_mut();
        collected.drain();
        let ended_at = collected.ended_at.ok_or("the run reported no end")?;
        let record = Self {
            counters: collected.counters.clone(),
            measured: std::mem::take(&mut collected.measured),
            steps: std::mem::take(&mut collected.steps),
            samples: std::mem::take(&mut collected.samples),
            ended_at,
            observations: world.take_observations(),
            plans: plans.take(),
            over: over.get(),
        };
        drop(collected);
        leave(stay, run);
        left.try_iter().for_each(keep);
        Ok(record)
    }
}

/// Maximum number of deltas kept. Covers the capacity of the channel to the collector.
const MAX_SPARES: usize = 8;

thread_local! {
    /// Emptied deltas of previous runs: most of a run's memory.
    #[expect(clippy::vec_box, reason = "handed on as they are")]
    static SPARES: RefCell<Vec<Box<Delta>>> = RefCell::default();
}

/// Creates the return channel for emptied deltas, filled with some of them.
fn spares(most: usize) -> (Sender<Box<Delta>>, Receiver<Box<Delta>>) {
    let (sender, receiver) = bounded(most);
    SPARES.with_borrow_mut(|spares| {
        let some = spares.len().min(most);
        for spare in spares.drain(..some) {
            sender.try_send(spare).expect("there is room");
        }
    });
    (sender, receiver)
}

/// Keeps an emptied delta for the next run. Each run creates one of its own, so not all are kept.
fn keep(delta: Box<Delta>) {
    SPARES.with_borrow_mut(|spares| {
        if spares.len() < MAX_SPARES {
            spares.push(delta);
        }
    });
}

/// Drops the world before the run, because the run's tasks are in the world.
fn leave(stay: WorldGuard, run: Rc<ShardRun>) {
    drop(stay);
    drop(run);
}

fn start(
    scenario: &Scenario,
    shard: usize,
    events: Sender<ShardEvent>,
    spare: Receiver<Box<Delta>>,
) -> Result<ShardRun, Finding> {
    let position = Position {
        shard,
        shards: scenario.shards,
        cpu: 0,
    };
    let start = Start {
        run: 1,
        plan: Arc::clone(&scenario.plan),
        tls: Vec::new(),
        lookups: None,
        scripts: None,
        sends: None,
        fence: Arc::new(Fence::default()),
        epoch: scenario.epoch,
        events,
        spare,
    };
    ShardRun::new(position, start).map_err(|error| error.to_string())
}

/// Schedules the manual stops of the scenario.
fn stop(scenario: &Scenario, run: &Rc<ShardRun>) {
    let world = World::current().expect("in a simulation");
    for &at in &scenario.stops {
        let (alarm, run) = (Alarm::new(&world), Rc::clone(run));
        world.spawn(async move {
            alarm.wait_until(at).await;
            run.stop();
        });
    }
}

/// What a collector has received.
struct Collected {
    events: Receiver<ShardEvent>,
    spares: Sender<Box<Delta>>,
    counters: Counters,
    measured: BTreeMap<&'static str, u64>,
    steps: Vec<StepDelta>,
    samples: Vec<Sample>,
    ended_at: Option<Nanos>,
}

/// Starts a collector that drains its channel at an interval.
fn collect(
    scenario: &Scenario,
    events: Receiver<ShardEvent>,
    spares: Sender<Box<Delta>>,
) -> Rc<RefCell<Collected>> {
    let collected = Rc::new(RefCell::new(Collected {
        events,
        spares,
        counters: Counters::default(),
        measured: BTreeMap::new(),
        steps: Vec::new(),
        samples: Vec::new(),
        ended_at: None,
    }));
    let world = World::current().expect("in a simulation");
    let (every, mine) = (scenario.collects_every, Rc::clone(&collected));
    let (alarm, clock) = (Alarm::new(&world), Rc::clone(&world));
    world.spawn(async move {
        while mine.borrow().ended_at.is_none() {
            alarm.wait_until(clock.now() + every).await;
            mine.borrow_mut().drain();
        }
    });
    collected
}

impl Collected {
    fn drain(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            match event {
                ShardEvent::Snapshot(snapshot) => self.merge(snapshot),
                ShardEvent::Done { snapshot, ended_at } => {
                    self.merge(snapshot);
                    self.ended_at = Some(ended_at);
                }
                ShardEvent::Failed { reason, .. } => panic!("the shard failed: {reason}"),
            }
        }
    }

    fn merge(&mut self, snapshot: ShardSnapshot) {
        let mut delta = snapshot.delta;
        let samples = delta.samples.iter().map(|(sample, _, _)| sample.clone());
        self.samples.extend(samples);
        self.counters.merge(&delta.counters);
        for (name, histogram) in delta.latencies.by_name() {
            *self.measured.entry(name).or_default() += histogram.count();
        }
        step_delta::merge(&mut self.steps, &delta.steps);
        delta.clear();
        if let Err(full) = self.spares.try_send(delta) {
            keep(full.into_inner());
        }
    }
}

/// Checks the run whenever no task is ready.
struct Watch<'a> {
    scenario: &'a Scenario,
    shard: usize,
    run: Rc<ShardRun>,
    world: Rc<World>,
    most_connections: usize,
    finding: RefCell<Option<Finding>>,
}

impl<'a> Watch<'a> {
    fn new(scenario: &'a Scenario, shard: usize, run: &Rc<ShardRun>, world: &Rc<World>) -> Self {
        let all = scenario.plan.bounds.max_connections as usize;
        let share = (0..all).filter(|n| n % scenario.shards == shard).count();
        Self {
            scenario,
            shard,
            run: Rc::clone(run),
            world: Rc::clone(world),
            most_connections: share.max(1),
            finding: RefCell::default(),
        }
    }

    fn at_rest(&self, now: Nanos) {
        if self.finding.borrow().is_none()
            && let Err(finding) = self.look(now)
        {
            *self.finding.borrow_mut() = Some(format!("{finding}, {now} ns"));
        }
    }

    fn look(&self, now: Nanos) -> Result<(), Finding> {
        let open = self.world.open();
        same("connections of the pool", self.run.pool.open(), open)?;
        ensure(open <= self.most_connections, || {
            format!(
                "{open} connections are open, and {} may be",
                self.most_connections
            )
        })?;
        ensure(
            self.run.pool.waiting() == 0 || open == self.most_connections,
            || format!("a request waits for a place, and {open} connections are open"),
        )?;
        if self.scenario.is_exact() && self.run.phase.get() == Phase::Loading {
            let users = self.run.live_vus.get() as u64;
            schedule::check_users(self.scenario, self.shard, now, users)?;
        }
        Ok(())
    }

    fn finding(&self) -> Result<(), Finding> {
        self.finding.borrow_mut().take().map_or(Ok(()), Err)
    }
}
