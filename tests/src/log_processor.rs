//! Runs the log processor of the reference HdrHistogram implementation (Java): an independent reader of the
//! engine's logs.

use std::process::Command;

/// Path of the jar in Debian's libhdrhistogram-java.
const JAR: &str = "/usr/share/java/hdrhistogram.jar";

/// Output of the log processor for one log.
#[derive(Debug)]
pub struct ProcessedLog {
    /// One row per interval.
    pub intervals: Vec<ProcessedInterval>,
    /// The percentile distribution over all intervals, in milliseconds.
    pub hgrm: String,
}

/// One interval line of the processor's output. Values are in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessedInterval {
    /// End of the interval, in seconds since the start of the log.
    pub end_s: f64,
    /// Number of values in the interval.
    pub count: u64,
    /// Median, 90th percentile and maximum of the interval.
    pub p50_p90_max: [f64; 3],
    /// Number of values up to and including the interval.
    pub total_count: u64,
    /// Percentiles 50, 90, 99, 99.9, 99.99 and 100 of all values up to and including the interval.
    pub totals: [f64; 6],
}

/// Processes `log` with the reference implementation and its own options, for example `-tag`.
///
/// # Panics
/// Panics if Java or the package is missing, or if the log cannot be read.
#[must_use]
pub fn process_log(log: &str, options: &[&str]) -> ProcessedLog {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (input, output) = (
        directory.path().join("in.hlog"),
        directory.path().join("out"),
    );
    std::fs::write(&input, log).expect("a file");
    let mut command = processor();
    command
        .arg("-i")
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .args(options);
    run(command, log);
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).expect("output");
    let (intervals, hgrm) = (read("out"), read("out.hgrm"));
    // Both files begin with comments that state the requested time range.
    let body = hgrm.lines().skip_while(|line| line.starts_with('#'));
    ProcessedLog {
        intervals: intervals.lines().filter_map(interval).collect(),
        hgrm: body.map(|line| format!("{line}\n")).collect(),
    }
}

/// Returns the tags that the reference implementation finds in `log`, in its order.
///
/// # Panics
/// Panics under the same conditions as [`process_log`].
#[must_use]
pub fn tags_of_log(log: &str) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, log).expect("a file");
    let mut command = processor();
    command.arg("-listtags").arg("-i").arg(file.path());
    run(command, log)
        .lines()
        .skip(1)
        .map(str::to_owned)
        .collect()
}

fn processor() -> Command {
    let mut command = Command::new("java");
    command.args(["-cp", JAR, "org.HdrHistogram.HistogramLogProcessor"]);
    command
}

fn run(mut command: Command, log: &str) -> String {
    let output = command
        .output()
        .expect("java is installed (apt-get install default-jre-headless libhdrhistogram-java)");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{command:?}: {}: {complaints}\n{log}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Parses `1.000: I:5 ( 50% 90% max ) T:5 ( 50% 90% 99% 99.9% 99.99% max )`. Returns `None` for a comment.
fn interval(line: &str) -> Option<ProcessedInterval> {
    let numbers: Vec<f64> = line
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|word| word.parse().ok())
        .collect();
    match (line.contains(": I:"), numbers.as_slice()) {
        (true, &[end_s, count, p50, p90, max, total, ref totals @ ..]) => Some(ProcessedInterval {
            end_s,
            count: count as u64,
            p50_p90_max: [p50, p90, max],
            total_count: total as u64,
            totals: totals.try_into().expect("six numbers in all"),
        }),
        _ => None,
    }
}
