//! Time per call of the hot-path kernels. Run `cargo bench --bench micro`.
//!
//! Caches are warm and branches predicted, so each kernel costs more under load. `instructions` measures the
//! effect of a change without noise; this bench shows how long those instructions take.

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
