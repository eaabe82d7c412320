//! What the engine measures, against targets with known behaviour. Runs alone, one test at a time. On a
//! machine that is busy with something else, a test reports `not judged` instead of a verdict about the
//! machine (`vayu_tests::Quiet`).

mod conformance_closed;
mod conformance_freeze;
mod conformance_pacing;
mod fault_load;
mod long_run;
mod many_runs;
mod nginx;
mod queue;
mod rates;
mod slow_clients;
mod verdict;
