//! One run on one shard, from its epoch to its last delta.
//!
//! All time-driven work happens in [`ShardRun::turn`], on one clock sample: releasing arrivals, starting
//! virtual users, checking time limits, handing over deltas, and ending. Between turns the virtual users run
//! on their own.

use std::cell::{Cell, RefCell, RefMut};
use std::io;
use std::rc::Rc;

use crossbeam_channel::TrySendError;
use vayu_shared::message::ShardEvent;
use vayu_shared::shard_plan::ShardPlan;
use vayu_shared::snapshot::{Gauges, ShardSnapshot};
use vayu_shared::spec::Bounds;
use vayu_shared::units::{MILLISECOND, Nanos, SECOND};

use super::Position;
use super::arrival::Arrival;
use super::dispatch::Dispatch;
use super::origin::ShardOrigin;
use super::recorder::Recorder;
use super::scripting::ShardScripts;
use super::slot::VuSlot;
use super::vu::Vu;
use super::workload::{ShardStep, Workload};
use crate::clock;
use crate::command::Start;
use crate::net::{Connection, Expiry, Pool};
use crate::runtime::{self, Alarm};

/// Retry interval for a last delta that found no room in the channel.
const HANDOVER_RETRY: Nanos = 10 * MILLISECOND;

/// Maximum graceful bound of a run that is stopped manually.
const STOP_GRACE: Nanos = 3 * SECOND;

/// One run on one shard.
pub struct ShardRun {
    position: Position,
    start: Start,
    end: Option<Nanos>,
    /// Earliest time at which a limit on the number of requests can end the run; `None` without such a limit.
    earliest_end: Option<Nanos>,
    /// The end plus the graceful bound. Nothing of the run continues after it.
    last_moment: Nanos,
    workload: Workload,
    origins: Box<[ShardOrigin]>,
    dispatch: Dispatch,
    pool: Rc<Pool>,
    recorder: RefCell<Recorder>,
    scripts: Option<ShardScripts>,
    alarm: Alarm,
    /// Every virtual user ever started, so that no time limit is missed.
    vus: RefCell<Vec<Rc<Vu>>>,
    live_vus: Cell<usize>,
    in_flight: Cell<u64>,
    phase: Cell<Phase>,
    stop_asked: Cell<bool>,
    /// Whether a stop has already shortened the graceful bound.
    drain_shortened: Cell<bool>,
    /// When a stop or the number of requests ended the load; 0 if the load ended by time.
    load_ended: Cell<Nanos>,
    next_snapshot: Cell<Nanos>,
    next_check: Cell<Nanos>,
    check_every: Nanos,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The load is being generated.
    Loading,
    /// No more requests are issued. Requests in flight may finish until then.
    Draining { until: Nanos },
    /// Requests still in flight after draining were cancelled.
    Cancelling,
}

impl ShardRun {
    /// Creates this shard's share of a run.
    ///
    /// # Errors
    /// Returns an error if the kernel grants no timer.
    pub fn new(position: Position, start: Start) -> io::Result<Self> {
        let plan = &start.plan;
        let share = ShardPlan::new(plan, position.shard, position.shards);
        let shortest = plan.bounds.connect_timeout.min(plan.bounds.request_timeout);
        Ok(Self {
            position,
            end: share.end.map(|end| start.epoch.saturating_add(end)),
            earliest_end: share
                .earliest_end
                .map(|from| start.epoch.saturating_add(from)),
            last_moment: share.end.map_or(Nanos::MAX, |end| {
                let end = start.epoch.saturating_add(end);
                end.saturating_add(plan.bounds.graceful_stop)
            }),
            workload: Workload::new(
                plan,
                position,
                start.scripts.as_ref().map(|scripts| scripts.body_bytes),
            ),
            origins: ShardOrigin::all(position.shard, &start),
            pool: Pool::new(share.max_connections, plan.origins.len()),
            recorder: RefCell::new(Recorder::new(position.shard, plan, start.epoch)),
            scripts: start.scripts.clone().map(|scripts| {
                ShardScripts::new(position, scripts, start.sends.clone(), start.epoch)
            }),
            alarm: Alarm::new()?,
            vus: RefCell::default(),
            live_vus: Cell::new(0),
            in_flight: Cell::new(0),
            phase: Cell::new(Phase::Loading),
            stop_asked: Cell::new(false),
            drain_shortened: Cell::new(false),
            load_ended: Cell::new(0),
            next_snapshot: Cell::new(start.epoch.saturating_add(plan.stats_interval)),
            next_check: Cell::new(start.epoch),
            check_every: (shortest / 10).clamp(MILLISECOND, 20 * MILLISECOND),
            dispatch: Dispatch::new(share, start.epoch),
            start,
        })
    }

    /// Executes the run to its end and reports it.
    pub async fn drive(self: &Rc<Self>) {
        let mut wanted = clock::now();
        loop {
            let now = clock::now();
            let fell_due = self.turn(now, now.saturating_sub(wanted));
            if self.is_over() {
                break;
            }
            let wake = self.next_wake(now, fell_due);
            wanted = wake.max(now);
            self.alarm.wait_until(wake).await;
        }
        self.report_end().await;
    }

    /// Requests the end of the run. Takes effect immediately.
    pub fn stop(&self) {
        self.stop_asked.set(true);
        self.alarm.ring();
    }

    /// Returns the load.
    pub fn dispatch(&self) -> &Dispatch {
        &self.dispatch
    }

    /// Returns the connection pool.
    pub fn pool(&self) -> &Rc<Pool> {
        &self.pool
    }

    /// Returns the scripts that run before and after each request, if there are any.
    pub fn scripts(&self) -> Option<&ShardScripts> {
        self.scripts.as_ref()
    }

    /// Returns what an iteration sends.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// Returns the origin with this number.
    pub fn origin(&self, number: usize) -> &ShardOrigin {
        &self.origins[number]
    }

    /// Returns whether a used connection may be used again.
    pub fn keeps(&self, connection: &Connection) -> bool {
        let plan = &self.start.plan;
        let most = plan.max_requests_per_connection;
        plan.keep_alive && most.is_none_or(|most| connection.responses < most)
    }

    /// Returns the run's time limits.
    pub fn bounds(&self) -> &Bounds {
        &self.start.plan.bounds
    }

    /// Returns the recorder. Never held across an await.
    pub fn recorder(&self) -> RefMut<'_, Recorder> {
        self.recorder.borrow_mut()
    }

    /// Counts an arrival that a virtual user started at `begun`.
    pub fn issued(&self, arrival: Arrival, begun: Nanos) {
        self.in_flight.set(self.in_flight.get() + 1);
        let mut recorder = self.recorder();
        recorder.counters().issued += 1;
        if arrival.is_fresh {
            recorder.lagged(begun.saturating_sub(arrival.intended));
        }
        if !self.dispatch.is_open() {
            recorder.offered(1);
        }
    }

    /// Returns the step that follows `step` in its iteration, with its intended start `now`. Returns `None`
    /// at the end of the iteration or if the run is over.
    pub fn next_step(
        &self,
        step: &ShardStep,
        now: Nanos,
        is_over: bool,
    ) -> Option<(Arrival, &ShardStep)> {
        let next = self.workload.following(step).filter(|_| !is_over)?;
        self.recorder().counters().further_steps += 1;
        Some((Arrival::at(now), next))
    }

    /// Counts an arrival that a virtual user has finished.
    pub fn ended(&self) {
        self.in_flight.set(self.in_flight.get() - 1);
    }

    /// Counts the bytes of an exchange. `reused` is whether the connection had served other requests before.
    pub fn count_exchange(&self, sent: u64, received: u64, reused: bool) {
        let mut recorder = self.recorder();
        let counters = recorder.counters();
        counters.bytes_sent += sent;
        counters.bytes_received += received;
        counters.reused += u64::from(reused);
    }

    /// Returns whether a request may be retried if its kept-alive connection was closed.
    pub fn retries_stale(&self) -> bool {
        self.start.plan.retry_stale
    }

    /// Executes one turn, which is `late`. Returns whether anything was due.
    fn turn(self: &Rc<Self>, now: Nanos, late: Nanos) -> bool {
        let stopped = self.stop_asked.get();
        let fell_due = !stopped && self.release_due(now, late);
        match self.phase.get() {
            // Arrivals that are due are issued before the load ends: virtual users run between two turns. A
            // generator that is too far behind for that has the graceful bound to catch up, and no longer.
            Phase::Loading
                if stopped || now >= self.last_moment || !fell_due && self.load_is_over(now) =>
            {
                self.begin_drain(now);
            }
            Phase::Draining { .. } if stopped && !self.drain_shortened.get() => {
                self.shorten_drain(now)
            }
            Phase::Draining { until } if now >= until => self.cancel_rest(),
            _ => {}
        }
        if now >= self.next_check.get() {
            self.vus
                .borrow()
                .iter()
                .for_each(|vu| vu.deadline.check(now));
            self.next_check.set(now + self.check_every);
        }
        if now >= self.next_snapshot.get() {
            self.hand_over(now);
        }
        fell_due
    }

    /// Releases what is due. Returns whether anything was.
    fn release_due(self: &Rc<Self>, now: Nanos, late: Nanos) -> bool {
        let turn = self.dispatch.turn(
            now,
            late,
            |lag| self.recorder().lagged(lag),
            |slot| self.start_vu(slot),
        );
        self.recorder().offered(turn.released);
        turn.is_busy
    }

    fn start_vu(self: &Rc<Self>, slot: Rc<VuSlot>) {
        let number = self.vus.borrow().len();
        let scripts = self.scripts.as_ref().map(|scripts| scripts.vu(number));
        let vu = Vu::new(slot, scripts);
        self.vus.borrow_mut().push(Rc::clone(&vu));
        self.live_vus.set(self.live_vus.get() + 1);
        let run = Rc::clone(self);
        runtime::spawn(async move {
            let lived = vu.work(&run).await;
            run.recorder().counters().vu_time.add(lived);
            if let Some(size) = run.dispatch.size() {
                run.pool.trim(size);
            }
            run.live_vus.set(run.live_vus.get() - 1);
            if run.live_vus.get() == 0 {
                run.alarm.ring();
            }
        });
    }

    fn load_is_over(&self, now: Nanos) -> bool {
        self.end.is_some_and(|end| now >= end) || self.request_limit_reached(now)
    }

    /// Returns whether the planned number of requests was sent and the last of them has ended.
    fn request_limit_reached(&self, now: Nanos) -> bool {
        let Some(from) = self.earliest_end else {
            return false;
        };
        let all_made = if self.dispatch.is_open() {
            self.in_flight.get() == 0
        } else {
            self.live_vus.get() == 0
        };
        now >= from.max(self.start.epoch) && all_made && self.dispatch.is_exhausted()
    }

    fn begin_drain(&self, now: Nanos) {
        let stopped = self.stop_asked.get();
        let counted = !stopped && self.request_limit_reached(now);
        // All arrivals of the plan are due by its end, released or not.
        let never_released = if stopped {
            0
        } else {
            self.dispatch.unreleased()
        };
        let dropped = self.dispatch.close() + never_released;
        self.recorder().offered(never_released);
        self.recorder().counters().dropped += dropped;
        self.pool.close();
        if stopped {
            self.load_ended.set(now.max(self.start.epoch));
        } else if counted {
            let last_end = self.recorder().last_end();
            self.load_ended
                .set(last_end.max(self.earliest_end.unwrap_or(0)));
        }
        let until = now.saturating_add(self.bounds().graceful_stop);
        self.phase.set(Phase::Draining {
            until: until.min(self.last_moment),
        });
    }

    /// Shortens the graceful bound after a stop, also if the run was already ending: the caller waits for the
    /// result.
    fn shorten_drain(&self, now: Nanos) {
        if let Phase::Draining { until } = self.phase.get()
            && !self.drain_shortened.replace(true)
        {
            let until = until.min(now + STOP_GRACE);
            self.phase.set(Phase::Draining { until });
        }
    }

    fn cancel_rest(&self) {
        self.vus
            .borrow()
            .iter()
            .for_each(|vu| vu.deadline.expire(Expiry::Cancelled));
        self.phase.set(Phase::Cancelling);
    }

    fn is_over(&self) -> bool {
        self.phase.get() != Phase::Loading && self.live_vus.get() == 0
    }

    /// Returns when the next turn is due, after a turn at `now` in which something was due or not.
    fn next_wake(&self, now: Nanos, fell_due: bool) -> Nanos {
        let phase_end = match self.phase.get() {
            // Past the end, the load ends with the next turn.
            Phase::Loading => {
                let counted = self.earliest_end.filter(|from| *from > now);
                let ends = self.end.into_iter().chain(counted);
                ends.min().unwrap_or(Nanos::MAX)
            }
            Phase::Draining { until } => until,
            Phase::Cancelling => Nanos::MAX,
        };
        // Arrivals that were due are in flight as soon as their virtual users run.
        let check = if fell_due || self.in_flight.get() > 0 {
            self.next_check.get()
        } else {
            Nanos::MAX
        };
        let due = self.dispatch.next_due(now).unwrap_or(Nanos::MAX);
        due.min(phase_end).min(check).min(self.next_snapshot.get())
    }

    /// Hands over the current delta, or keeps it if the collector is behind.
    fn hand_over(&self, now: Nanos) {
        let interval = self.start.plan.stats_interval;
        let passed = (now - self.start.epoch) / interval;
        self.next_snapshot
            .set(self.start.epoch + (passed + 1) * interval);
        let event = ShardEvent::Snapshot(self.snapshot(passed.saturating_sub(1)));
        // Without a collector the run still continues to its end.
        if let Err(TrySendError::Full(ShardEvent::Snapshot(snapshot))) =
            self.start.events.try_send(event)
        {
            self.recorder().put_back(snapshot.delta);
        }
    }

    fn snapshot(&self, interval: u64) -> ShardSnapshot {
        let spare = self.start.spare.try_recv().unwrap_or_default();
        if let Some(scripts) = &self.scripts {
            scripts.hand_over_totals(self.recorder().scripts());
        }
        self.recorder().counters().growth_held += self.dispatch.take_held();
        ShardSnapshot {
            shard: self.position.shard,
            interval,
            delta: self.recorder().take(spare),
            gauges: Gauges {
                connections: self.pool.open() as u64,
                connections_peak: self.pool.take_peak() as u64,
                in_flight: self.in_flight.get(),
                waiting: self.dispatch.waiting(),
            },
        }
    }

    /// Hands over the last delta and waits as long as the collector needs.
    async fn report_end(&self) {
        let last_end = self.recorder().last_end();
        let load_end = match self.load_ended.get() {
            0 => self.end.unwrap_or(last_end),
            stopped => stopped,
        };
        let ended_at = last_end.max(load_end).saturating_sub(self.start.epoch);
        let snapshot = self.snapshot(ended_at / self.start.plan.stats_interval);
        let mut event = ShardEvent::Done { snapshot, ended_at };
        while let Err(TrySendError::Full(back)) = self.start.events.try_send(event) {
            event = back;
            self.alarm.wait_until(clock::now() + HANDOVER_RETRY).await;
        }
    }
}

#[cfg(test)]
mod simulation;
