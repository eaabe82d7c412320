//! The hot path's kernels, one call each: `cargo bench --bench micro`.
//!
//! Warm caches and predicted branches: under load each costs more. What a change does to
//! them is told by `instructions` without noise; this tells what an instruction is worth.

mod common;

use criterion::{Criterion, criterion_group, criterion_main};

fn kernels(criterion: &mut Criterion) {
    for (name, make) in common::kernels::all() {
        let mut kernel = make();
        criterion.bench_function(name, |bench| bench.iter(&mut kernel));
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
