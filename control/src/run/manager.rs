//! Tracks the load runs of this process: starts, finds and stops them.
//!
//! Each run has its own thread for work that may block. A run moves from pending to running to a final
//! status, and always reaches one: the same few lines store the end of the thread's work, whatever caused it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vayu_shared::spec::RunSpec;
use vayu_worker::Engine;

use super::ending::{final_metrics, named_histograms};
use super::execute::{RunOutcome, execute};
use super::live::Live;
use super::recording::Recording;
use super::{PreparedRun, Sink, StopSwitch};
use crate::config::{Config, SharedConfig};
use crate::private_key;
use crate::store::{FinishedRun, MeasuredColumns, NewRun, RunStatus, RunType, Store, StoreError};
use crate::summary::RunSummary;
use crate::wall_clock::{self, WallClockStart};

/// How long a stop waits for the run to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Interval between attempts to store the end of a run.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Maximum number of attempts if a caller waits for the run to finish.
const FOREGROUND_ATTEMPTS: u32 = 3;

/// Tracks the load runs of this process.
#[derive(Clone)]
pub struct RunManager {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Arc<Engine>,
    store: Store,
    config: SharedConfig,
    active: Mutex<BTreeMap<String, Arc<Live>>>,
    /// Number of runs that ended since the process started, by [`RunStatus::ALL`].
    ended: [AtomicU64; RunStatus::ALL.len()],
    last_id_ms: AtomicI64,
}

/// A run that has an id and has not started.
pub struct NewLive(Arc<Live>);

impl NewLive {
    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The limit of concurrent runs is reached.
    #[error("{0} runs are active, which is the limit (maxConcurrentRuns); wait or stop a run")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system could not create a thread.
    #[error("cannot start a thread for the run: {0}")]
    Thread(#[from] std::io::Error),
}

/// Result of a request to stop a run.
pub enum StopAnswer {
    /// The run ended. Its end may not be stored yet.
    Stopped(Arc<RunSummary>),
    /// The run had already ended.
    AlreadyStopped(RunStatus),
    /// The run has no end in the store and is not active in this process.
    NotRunning,
    /// The run is stopping and takes longer than the maximum wait.
    StillStopping,
    /// The run does not exist.
    Unknown,
}

impl RunManager {
    /// Creates a manager that generates load with `engine` and stores runs in `store`.
    #[must_use]
    pub fn new(engine: Arc<Engine>, store: Store, config: SharedConfig) -> Self {
        let inner = Inner {
            engine,
            store,
            config,
            active: Mutex::default(),
            ended: Default::default(),
            last_id_ms: AtomicI64::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns the active runs in the order of their start.
    #[must_use]
    pub fn active(&self) -> Vec<Arc<Live>> {
        self.inner.active().values().cloned().collect()
    }

    /// Returns how many runs ended in each final status since the process started.
    #[must_use]
    pub fn ended(&self) -> Vec<(RunStatus, u64)> {
        let counts = RunStatus::ALL.into_iter().zip(&self.inner.ended);
        let last = counts.filter(|(status, _)| is_final(*status));
        last.map(|(status, count)| (status, count.load(Ordering::Relaxed)))
            .collect()
    }

    /// Returns a run id, greater than every earlier one.
    #[must_use]
    pub fn new_run_id(&self) -> String {
        self.inner.next_id()
    }

    /// Returns the store of the runs.
    pub(super) fn stored(&self) -> &Store {
        &self.inner.store
    }

    /// Returns the run with this id while it is active.
    #[must_use]
    pub fn live(&self, id: &str) -> Option<Arc<Live>> {
        self.inner.active().get(id).map(Arc::clone)
    }

    /// Creates a run with its id, to be executed on the calling thread. `stop` stops it.
    #[must_use]
    pub fn new_run(&self, stop: &StopSwitch) -> NewLive {
        NewLive(self.inner.new_live(stop.clone()))
    }

    /// Executes a run on this thread, also reports its events to `more`, and returns its id once it has ended
    /// and is stored.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn run_here(
        &self,
        NewLive(live): NewLive,
        order: &PreparedRun,
        config_snapshot: String,
        more: &mut [&mut dyn Sink],
    ) -> Result<String, StartError> {
        self.inner.insert_row(&live, &order.spec, config_snapshot)?;
        self.inner.execute(&live, order, more, FOREGROUND_ATTEMPTS);
        Ok(live.id.clone())
    }

    /// Starts a run and returns its id as soon as its row is stored. Blocks until then.
    ///
    /// # Errors
    /// See [`StartError`]. Nothing is left behind on an error.
    pub fn start(&self, order: PreparedRun, config_snapshot: String) -> Result<String, StartError> {
        let live = self.inner.reserve()?;
        let id = live.id.clone();
        let begun = self
            .inner
            .insert_row(&live, &order.spec, config_snapshot)
            .and_then(|()| {
                let inner = Arc::clone(&self.inner);
                let thread = std::thread::Builder::new().name("vayu-run".into());
                thread.spawn(move || inner.execute_or_fail(&live, &order))?;
                Ok(())
            });
        if let Err(error) = begun {
            self.inner.active().remove(&id);
            return Err(error);
        }
        Ok(id)
    }

    /// Requests a run to stop and waits for its end.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub async fn stop(&self, id: &str) -> Result<StopAnswer, StoreError> {
        let Some(live) = self.live(id) else {
            let (store, id) = (self.inner.store.clone(), id.to_owned());
            let stored = tokio::task::spawn_blocking(move || store.run(&id)).await;
            return Ok(match stored.unwrap_or(Ok(None))? {
                None => StopAnswer::Unknown,
                Some(run) if is_final(run.status) => StopAnswer::AlreadyStopped(run.status),
                Some(_) => StopAnswer::NotRunning,
            });
        };
        live.stop.press();
        let mut states = live.watch();
        // A run that has ended has its final numbers, stored or not.
        let ended = states.wait_for(|state| is_final(state.status) || live.is_storing());
        Ok(match tokio::time::timeout(STOP_TIMEOUT, ended).await {
            Ok(_) => StopAnswer::Stopped(live.summary()),
            Err(_) => StopAnswer::StillStopping,
        })
    }

    /// Stops all runs and waits for each to end, at most as long as for a single stop.
    pub async fn stop_all(&self) {
        let ids: Vec<String> = self.inner.active().keys().cloned().collect();
        ids.iter()
            .filter_map(|id| self.live(id))
            .for_each(|live| live.stop.press());
        for id in ids {
            if let Err(error) = self.stop(&id).await {
                tracing::error!("run {id} could not be stopped: {error}");
            }
        }
    }
}

/// Returns whether this status is final.
#[must_use]
pub fn is_final(status: RunStatus) -> bool {
    matches!(
        status,
        RunStatus::Completed | RunStatus::Stopped | RunStatus::Failed
    )
}

impl Inner {
    fn active(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Live>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves a slot among the active runs, under a new id.
    fn reserve(&self) -> Result<Arc<Live>, StartError> {
        let most = self.config.current().max_concurrent_runs;
        let mut active = self.active();
        if active.len() as u64 >= most {
            return Err(StartError::TooMany(most));
        }
        let live = self.new_live(StopSwitch::default());
        active.insert(live.id.clone(), Arc::clone(&live));
        Ok(live)
    }

    fn new_live(&self, stop: StopSwitch) -> Arc<Live> {
        Arc::new(Live::new(self.next_id(), WallClockStart::now(), stop))
    }

    /// Returns `run_<ms>`, greater than every earlier id.
    fn next_id(&self) -> String {
        let now = wall_clock::now_ms();
        let next = |last: i64| Some(now.max(last + 1));
        let last = self
            .last_id_ms
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        format!("run_{}", now.max(last.unwrap_or(0) + 1))
    }

    fn insert_row(
        &self,
        live: &Live,
        spec: &RunSpec,
        config_snapshot: String,
    ) -> Result<(), StartError> {
        self.store.insert_run(NewRun {
            id: live.id.clone(),
            request_id: spec.request_id.clone(),
            environment_id: spec.environment_id.clone(),
            kind: RunType::Load,
            status: RunStatus::Pending,
            config_snapshot,
            start_time: live.begun.at_ms,
        })?;
        Ok(())
    }

    /// Executes a run. If its thread panics, the run is marked as failed, so that it still has an end.
    fn execute_or_fail(&self, live: &Arc<Live>, order: &PreparedRun) {
        let work = AssertUnwindSafe(|| self.execute(live, order, &mut [], u32::MAX));
        if catch_unwind(work).is_ok() {
            return;
        }
        live.stop.press();
        let failed = FinishedRun {
            id: live.id.clone(),
            status: RunStatus::Failed,
            end_time: live.begun.now_ms(),
            reason: Some("the engine failed while executing the run; see its log".into()),
            measured: None,
        };
        self.store_end(live, &failed, u32::MAX);
        live.set_status(RunStatus::Failed);
        self.active().remove(&live.id);
    }

    /// Executes a run. `more` receives its events in addition to the store. `attempts` limits how often
    /// storing its end is tried.
    fn execute(
        &self,
        live: &Arc<Live>,
        order: &PreparedRun,
        more: &mut [&mut dyn Sink],
        attempts: u32,
    ) {
        let url = &order.spec.request.url;
        // The query may contain a secret.
        let url = url.split('?').next().unwrap_or_default();
        let shown = private_key::shown(url);
        let method = order.spec.request.method;
        tracing::info!("run {} begins: {method} {shown}", live.id);
        let config = self.config.current();
        let mut recording = Recording::new(self.store.clone(), Arc::clone(live), &config);
        let mut sinks: Vec<&mut dyn Sink> = vec![&mut recording];
        sinks.extend(more.iter_mut().map(|sink| &mut **sink as &mut dyn Sink));
        let order = &order.clone().of_run(&live.id);
        let outcome = execute(
            &self.engine,
            order,
            config.stats_interval_ns(),
            &live.stop,
            || self.begin(live),
            &mut sinks,
        );
        drop(sinks);
        self.finish(live, &config, outcome, recording, attempts);
        self.active().remove(&live.id);
    }

    fn begin(&self, live: &Live) {
        live.set_status(RunStatus::Running);
        if let Err(error) = self.store.set_run_status(&live.id, RunStatus::Running) {
            tracing::error!("the status of run {} could not be stored: {error}", live.id);
        }
    }

    /// Stores the end of a run and retries every second, since space on a full disk may become available.
    /// Until the end is stored, the run stays active and is reported from memory.
    fn store_end(&self, live: &Live, finished: &FinishedRun, attempts: u32) {
        let id = &finished.id;
        for attempt in 1..=attempts {
            match self.store.finish_run(finished.clone()) {
                Ok(()) => return,
                Err(error) => {
                    if attempt == 1 {
                        live.set_storing();
                        tracing::error!("the end of run {id} could not be stored yet: {error}");
                    }
                    if matches!(error, StoreError::Closed | StoreError::UnknownRun(_)) {
                        return;
                    }
                }
            }
            std::thread::sleep(STORE_PAUSE);
        }
        tracing::error!("the end of run {id} was not stored");
    }

    /// Stores the end of the run, and publishes it only then.
    fn finish(
        &self,
        live: &Live,
        config: &Config,
        mut outcome: RunOutcome,
        mut recording: Recording,
        attempts: u32,
    ) {
        recording.add_metrics(outcome.summary.elapsed_ns, &final_metrics(&outcome.summary));
        recording.finish_intervals();
        // From here on, the store knows all rows that it could not keep.
        if let Err(error) = self.store.flush() {
            tracing::error!("run {}: {error}", live.id);
        }
        let lost = self.store.lost_rows(&live.id);
        let failures_lost = recording.failures_turned_away();
        outcome.summary.samples_thinned += recording.left_out();
        outcome.summary.samples_thinned += lost.results.saturating_sub(failures_lost);
        outcome.summary.priority_samples_lost += failures_lost;
        outcome.summary.metrics_thinned = lost.metrics;
        outcome.summary.intervals_lost = lost.intervals;
        outcome.summary.errors_with_details = recording.failures_stored();
        outcome.evaluate(&config.budgets());
        let RunOutcome {
            summary,
            latencies,
            stopped,
            failure,
            ..
        } = outcome;
        let status = match (&failure, stopped) {
            (Some(_), _) => RunStatus::Failed,
            (None, true) => RunStatus::Stopped,
            (None, false) => RunStatus::Completed,
        };
        live.set_summary(summary.clone());
        let finished = FinishedRun {
            id: live.id.clone(),
            status,
            end_time: live.begun.now_ms(),
            reason: failure,
            measured: Some(MeasuredColumns {
                summary,
                histograms: named_histograms(&latencies),
            }),
        };
        self.store_end(live, &finished, attempts);
        tracing::info!("run {} ended: {}", live.id, status.name());
        self.ended[status as usize].fetch_add(1, Ordering::Relaxed);
        live.set_status(status);
    }
}

#[cfg(test)]
mod tests;
