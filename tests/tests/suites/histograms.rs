//! Histograms for other tools, read by the Java reference implementation.

use serde_json::json;
use vayu_control::report::hdr::{Interval, LogHead, hgrm, interval_log, v2_base64};
use vayu_shared::latency::{LatencyBuckets, LatencyHistogram};
use vayu_shared::units::{MILLISECOND, Nanos, SECOND, to_ms, to_seconds};
use vayu_tests::{
    Engine, Origin, ProcessedInterval, count, get_text, print_line, process_log, tags_of_log,
};

/// One line of a log, and its source data.
struct Row {
    tag: &'static str,
    start_ns: Nanos,
    length_ns: Nanos,
    histogram: LatencyHistogram,
    v2_deflate: Vec<u8>,
}

impl Row {
    fn new(tag: &'static str, start_ns: Nanos, length_ns: Nanos, spans: &[Nanos]) -> Self {
        let histogram = recorded(spans);
        Self {
            tag,
            start_ns,
            length_ns,
            v2_deflate: histogram.to_v2_deflate(),
            histogram,
        }
    }

    fn interval(&self) -> Interval<'_> {
        Interval {
            tag: self.tag,
            start_ns: self.start_ns,
            length_ns: self.length_ns,
            max_ns: self.histogram.stats().max_ns,
            v2_deflate: &self.v2_deflate,
        }
    }
}

/// Three and a half seconds of two latencies. One interval is empty.
fn rows() -> Vec<Row> {
    let spans = spans(40_000);
    let (a, rest) = spans.split_at(12_345);
    let (b, c) = rest.split_at(20_000);
    let half = SECOND / 2;
    let tagged = |tag, scale: Nanos| {
        let row = move |start_ns, length_ns, spans: &[Nanos]| {
            let spans: Vec<Nanos> = spans.iter().map(|span| span / scale).collect();
            Row::new(tag, start_ns, length_ns, &spans)
        };
        [
            row(0, SECOND, a),
            row(SECOND, SECOND, b),
            row(2 * SECOND, SECOND, &[]),
            row(3 * SECOND, half, c),
        ]
    };
    let mut rows: Vec<Row> = tagged("response", 1)
        .into_iter()
        .chain(tagged("service", 7))
        .collect();
    rows.sort_by_key(|row| row.start_ns);
    rows
}

fn log_of(rows: &[Row]) -> String {
    let head = LogHead {
        run: "run_1704200000000",
        started_ms: 1_704_200_000_007,
    };
    interval_log(head, rows.iter().map(Row::interval)).collect()
}

/// Returns reproducible spans from 50 µs to a minute.
fn spans(count: u64) -> Vec<Nanos> {
    let scattered = |n: u64| (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    // 24 bits; the cube makes most spans short and a few long.
    let skewed = |bits: u64| 50_000 + bits * bits / 65_536 * bits / 1_000_000;
    (0..count).map(|n| skewed(scattered(n))).collect()
}

fn recorded(spans: &[Nanos]) -> LatencyHistogram {
    let mut histogram = LatencyHistogram::default();
    spans.iter().for_each(|&span| histogram.record(span));
    histogram
}

fn our_hgrm(histogram: &LatencyHistogram) -> String {
    let bytes = histogram.to_v2_deflate();
    hgrm(&LatencyBuckets::from_v2_deflate(&bytes).expect("just encoded"))
}

/// Asserts that the reference reads what the engine reports, within the three digits that it prints and
/// except for the exact maximum, which the end of a bucket may exceed by a thousandth.
fn assert_near(what: &str, theirs_ms: &[f64], ours_ns: &[Nanos]) {
    assert_eq!(theirs_ms.len(), ours_ns.len(), "{what}");
    for (theirs, ours) in theirs_ms.iter().zip(ours_ns.iter().copied().map(to_ms)) {
        assert!(
            (theirs - ours).abs() <= 0.001 + ours / 1000.0,
            "{what}: the reference reads {theirs_ms:?} ms, we {ours_ns:?} ns"
        );
    }
}

/// `whole` is everything up to the end of this row.
fn assert_read(row: &Row, read: &ProcessedInterval, whole: &LatencyHistogram) {
    let what = format!("{} from {} s", row.tag, to_seconds(row.start_ns));
    let (stats, total) = (row.histogram.stats(), whole.stats());
    let end_s = to_seconds(row.start_ns + row.length_ns);
    assert_eq!(read.end_s, end_s, "{what}");
    assert_eq!(
        (read.count, read.total_count),
        (stats.count, total.count),
        "{what}"
    );
    let [p50, p90] = ["p50", "p90"].map(|name| stats.percentile(name));
    assert_near(&what, &read.p50_p90_max, &[p50, p90, stats.max_ns]);
    let [p50, p90, p99, p999, p9999] =
        ["p50", "p90", "p99", "p999", "p9999"].map(|name| total.percentile(name));
    let totals = [p50, p90, p99, p999, p9999, total.max_ns];
    assert_near(&format!("{what}, all so far"), &read.totals, &totals);
}

#[test]
fn the_reference_reads_every_interval() {
    let rows = rows();
    let log = log_of(&rows);
    assert_eq!(tags_of_log(&log), ["response", "service"], "{log}");
    for tag in ["response", "service"] {
        let read = process_log(&log, &["-tag", tag]).intervals;
        let rows: Vec<&Row> = rows.iter().filter(|row| row.tag == tag).collect();
        assert_eq!(read.len(), rows.len(), "{tag}: {read:?}");
        let mut whole = LatencyHistogram::default();
        for (row, read) in rows.into_iter().zip(&read) {
            whole.merge(&row.histogram);
            assert_read(row, read, &whole);
        }
    }
}

/// Not for an empty histogram: for that, the reference prints the first bucket as the maximum.
#[test]
fn the_reference_prints_the_same_distribution() {
    let mut millions = recorded(&spans(1_000));
    for _ in 0..15 {
        millions.merge(&millions.clone());
    }
    // Single spans above all others, so that the last percentiles differ.
    millions.merge(&recorded(
        &(100..240).map(|n| n * SECOND).collect::<Vec<_>>(),
    ));
    let on_ticks: Vec<Nanos> = (1..=10).map(|n| n * MILLISECOND).collect();
    let table = [
        ("one span", recorded(&[1_234_567])),
        ("values on the ticks", recorded(&on_ticks)),
        (
            "below and above all buckets",
            recorded(&[0, 1, 2_047, 2_048, 2_049, 7_200 * SECOND]),
        ),
        ("forty thousand", recorded(&spans(40_000))),
        ("thirty million and a long tail", millions),
    ];
    for (what, histogram) in table {
        let ours = our_hgrm(&histogram);
        let text = v2_base64(&histogram.to_v2_deflate());
        // A line without tag and head is also a log.
        let theirs = process_log(&format!("0.000,1.000,0.000,{text}\n"), &[]).hgrm;
        assert_eq!(theirs, ours, "{what}\ntheirs:\n{theirs}\nours:\n{ours}");
    }
}

#[test]
fn the_distribution_of_a_log_is_that_of_the_whole_run() {
    let rows = rows();
    let mut whole = LatencyHistogram::default();
    for row in rows.iter().filter(|row| row.tag == "response") {
        whole.merge(&row.histogram);
    }
    let theirs = process_log(&log_of(&rows), &["-tag", "response"]).hgrm;
    assert_eq!(theirs, our_hgrm(&whole));
}

#[test]
fn the_reference_finds_a_range_of_time() {
    let rows = rows();
    let options = ["-tag", "service", "-start", "0.5", "-end", "2.5"];
    let read = process_log(&log_of(&rows), &options).intervals;
    let ends: Vec<f64> = read.iter().map(|interval| interval.end_s).collect();
    assert_eq!(
        ends,
        [2.0, 3.0],
        "intervals that begin from 0.5 to 2.5 s: {read:?}"
    );
}

/// The log and the distribution of a run, as its routes return them.
#[test]
fn the_reference_reads_what_a_run_gives_out() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 500, "duration": "3500ms", "success_sample_rate": 0
    }));
    let report = run.finish();
    let url = |query: &str| engine.url(&format!("/run/{}/histogram{query}", run.id));
    let log = get_text(&url("?format=hlog"));
    assert_eq!(
        tags_of_log(&log),
        ["response", "scheduleLag", "service"],
        "{log}"
    );
    for (tag, section) in [
        ("response", "responseTime"),
        ("service", "serviceTime"),
        ("scheduleLag", "scheduleLag"),
    ] {
        let processed = process_log(&log, &["-tag", tag]);
        let counted: u64 = processed.intervals.iter().map(|line| line.count).sum();
        assert_eq!(counted, 1_750, "{tag}: {:#?}", processed.intervals);
        assert_eq!(counted, count(&report, &format!("{section}/count")));
        let ours = get_text(&url(&format!("?metric={tag}")));
        assert_eq!(
            processed.hgrm, ours,
            "{tag}: the log and the whole run differ"
        );
    }
    print_line(&format!(
        "1,750 requests in the log of {} lines, the same in the reference and in the report",
        log.lines().count()
    ));
    let encoded = engine.get(&format!("/run/{}/histogram?format=v2", run.id));
    for name in [
        "response",
        "service",
        "scheduleLag",
        "vuWait",
        "blocked",
        "connect",
    ] {
        let text = encoded.body["histograms"][name]
            .as_str()
            .unwrap_or_default();
        assert!(text.starts_with("HISTFAAA"), "{name}: {encoded:?}");
    }
}

#[test]
fn what_cannot_be_given_out_is_said() {
    let engine = Engine::start();
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": "http://127.0.0.1:1/"},
        "mode": "iterations", "iterations": 1, "concurrency": 1
    }));
    let _ = run.finish();
    let table = [
        (
            format!("/run/{}/histogram?format=png", run.id),
            400,
            "`format` is \"png\"",
        ),
        (
            format!("/run/{}/histogram?metric=x", run.id),
            404,
            "`metric` \"x\"",
        ),
        ("/run/run_0/histogram".into(), 404, "run_0"),
    ];
    for (path, status, said) in table {
        let answer = engine.get(&path);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(answer.message().contains(said), "{path}: {answer:?}");
    }
}
