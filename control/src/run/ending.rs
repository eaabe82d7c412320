//! Data stored at the end of a run in addition to its summary.

use vayu_shared::snapshot::Latencies;
use vayu_shared::units::{MILLISECOND, to_ms};

use crate::store::NamedHistogram;
use crate::summary::RunSummary;

/// Returns the non-empty distributions, encoded.
pub fn named_histograms(latencies: &Latencies) -> Vec<NamedHistogram> {
    let recorded = latencies.by_name().into_iter();
    let recorded = recorded.filter(|(_, histogram)| histogram.count() > 0);
    recorded
        .map(|(name, histogram)| NamedHistogram {
            name: name.to_owned(),
            histogram: histogram.to_v2_deflate(),
        })
        .collect()
}

/// Returns the metrics that end the stream. Latencies are in milliseconds.
pub fn final_metrics(summary: &RunSummary) -> [(&'static str, f64); 6] {
    let latency = summary.latency();
    [
        ("latency_avg", latency.mean_ns / MILLISECOND as f64),
        ("latency_p50", to_ms(latency.percentile("p50"))),
        ("latency_p95", to_ms(latency.percentile("p95"))),
        ("latency_p99", to_ms(latency.percentile("p99"))),
        ("total_requests", summary.total_requests() as f64),
        ("completed", 1.0),
    ]
}
