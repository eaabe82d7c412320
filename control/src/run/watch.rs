//! Monitors the generator during a run: the state of the machine before it, utilisation and CPU wait of the
//! shards' cores, and the resources that were used.
//!
//! Everything is read before the load begins and after it has ended, off the shards, so monitoring costs the
//! run nothing.

use std::time::{Duration, Instant};

use vayu_shared::plan::Plan;
use vayu_shared::spec::Load;
use vayu_shared::units::{MILLISECOND, Nanos};
use vayu_worker::Engine;
use vayu_worker::engine::ShardThread;

use super::collector::Collected;
use crate::generator::{GeneratorFacts, PreflightWarning, ShardFacts, Usage};
use crate::machine::{
    CoreTimes, CoreUse, MachineFacts, NewConnections, PreflightPlan, TargetPlace, TargetSockets,
    ThreadTimes, Throttling, preflight,
};

/// Minimum duration of a run for CPU shares to be meaningful. The kernel counts the use of a core in ticks of
/// up to 10 ms.
const SHORTEST_JUDGED: Duration = Duration::from_millis(200);

/// Monitors the generator during a run.
pub struct Watch {
    shards: Vec<ShardThread>,
    before: MachineFacts,
    warnings: Vec<PreflightWarning>,
    cores: Vec<CoreTimes>,
    threads: Vec<Option<ThreadTimes>>,
    throttling: Option<Throttling>,
    began: Instant,
}

impl Watch {
    /// Reads the state of the machine and starts monitoring.
    pub fn begin(engine: &Engine, plan: &Plan) -> Self {
        let shards = engine.threads();
        let cores: Vec<usize> = shards.iter().map(|shard| shard.core).collect();
        let addresses = plan.addresses();
        let place = TargetPlace::of(&addresses);
        let before = MachineFacts::gather(&addresses, place, &cores);
        Self {
            warnings: preflight(&needs(plan, place, &cores), &before),
            before,
            cores: CoreTimes::read(&cores).unwrap_or_default(),
            threads: thread_times(&shards),
            throttling: Throttling::read(),
            began: Instant::now(),
            shards,
        }
    }

    /// Returns the preflight warnings.
    pub fn warnings(&self) -> &[PreflightWarning] {
        &self.warnings
    }

    /// Ends monitoring and returns the facts.
    pub fn end(self, plan: &Plan, collected: &Collected) -> GeneratorFacts {
        let passed = self.began.elapsed();
        if passed < SHORTEST_JUDGED {
            return self.too_short(collected);
        }
        let passed = passed.as_nanos() as f64;
        let cores: Vec<usize> = self.shards.iter().map(|shard| shard.core).collect();
        let after = CoreTimes::read(&cores).unwrap_or_default();
        let uses = CoreUse::of_all(&self.cores, &after);
        let threads = thread_times(&self.shards);
        let shards = self.shards.iter().enumerate().map(|(index, shard)| {
            let core = uses.iter().find(|used| used.core == shard.core);
            let times = threads[index].zip(self.threads[index]);
            let times = times.map(|(after, before)| after.since(before));
            let share = |span: Nanos| (span as f64 / passed).min(1.0);
            let shard_busy = times.map(|times| share(times.on_core));
            ShardFacts {
                shard: index,
                core: shard.core,
                core_busy: core_busy(core.map(|used| used.busy_share), shard_busy),
                shard_busy,
                cpu_wait: times.map(|times| share(times.waiting)),
                steal: core.map(|used| used.steal_share),
                schedule_lag_p99_ns: collected.lags[index].quantile(0.99),
            }
        });
        let sockets = TargetSockets::read(&plan.addresses());
        let time_wait = sockets.map(|sockets| sockets.time_wait);
        GeneratorFacts {
            shards: shards.collect(),
            descriptors: self.descriptors(collected.peak_connections),
            local_ports: self.local_ports(plan, collected.peak_connections, time_wait),
            local_ports_time_wait: time_wait,
            throttled_ns: self.throttled_ns(),
            preflight: self.warnings,
        }
    }

    /// Returns the facts of a run that was too short for shares of time to be meaningful.
    fn too_short(self, collected: &Collected) -> GeneratorFacts {
        let shards = self.shards.iter().enumerate();
        GeneratorFacts {
            shards: shards
                .map(|(index, shard)| ShardFacts {
                    shard: index,
                    core: shard.core,
                    schedule_lag_p99_ns: collected.lags[index].quantile(0.99),
                    ..ShardFacts::default()
                })
                .collect(),
            descriptors: self.descriptors(collected.peak_connections),
            preflight: self.warnings,
            ..GeneratorFacts::default()
        }
    }

    fn descriptors(&self, connections: u64) -> Option<Usage> {
        let before = self.before.descriptors?;
        Some(Usage {
            used: before.open + connections,
            limit: before.limit,
        })
    }

    /// Ports are counted per pair of addresses, so each pair adds a whole range.
    fn local_ports(&self, plan: &Plan, connections: u64, time_wait: Option<u64>) -> Option<Usage> {
        let ports = self.before.local_ports?;
        let pairs = plan.local_addresses.len().max(1) * plan.addresses().len().max(1);
        Some(Usage {
            used: connections + time_wait.unwrap_or(0),
            limit: Some(ports.ports * pairs as u64),
        })
    }

    fn throttled_ns(&self) -> Option<Nanos> {
        let throttled = Throttling::read()?.since(self.throttling?);
        Some(throttled.throttled_us * 1_000)
    }
}

/// Combines two measurements of a core's utilisation. The kernel samples the use of a core at every tick,
/// which misses work that fits between two ticks; a thread's own time is exact. The core was at least as busy
/// as either value.
fn core_busy(by_ticks: Option<f64>, shard: Option<f64>) -> Option<f64> {
    match (by_ticks, shard) {
        (Some(ticks), Some(shard)) => Some(ticks.max(shard)),
        (known, other) => known.or(other),
    }
}

fn thread_times(shards: &[ShardThread]) -> Vec<Option<ThreadTimes>> {
    let times = shards.iter().map(|shard| ThreadTimes::read(shard.tid));
    times.collect()
}

/// Returns what a plan needs from the machine.
fn needs(plan: &Plan, place: TargetPlace, cores: &[usize]) -> PreflightPlan {
    let most = match plan.load {
        Load::Concurrency(schedule) => schedule.most(),
        Load::Iterations { vus, .. } => vus,
        Load::Rate { .. } => plan.load.expected_requests(),
    };
    PreflightPlan {
        max_connections: most.min(plan.bounds.max_connections),
        new_connections: new_connections(plan),
        local_addresses: plan.local_addresses.len().max(1),
        target_addresses: plan.addresses().len(),
        cores: cores.to_vec(),
        target_place: place,
    }
}

fn new_connections(plan: &Plan) -> NewConnections {
    if plan.keep_alive && plan.max_requests_per_connection.is_none() {
        return NewConnections::Kept;
    }
    let each = plan.max_requests_per_connection.filter(|_| plan.keep_alive);
    match plan.load.expected_requests() {
        0 => NewConnections::Unbounded,
        requests => NewConnections::Counted {
            total: requests.div_ceil(each.unwrap_or(1)),
            duration_ms: plan.load.duration().map(|nanos| nanos / MILLISECOND),
        },
    }
}
