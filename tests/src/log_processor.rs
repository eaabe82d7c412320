//! The log processor of the reference HdrHistogram, in Java: a reader of our
//! logs that nobody here has written.

use std::process::Command;

/// Where Debian's libhdrhistogram-java puts it.
const JAR: &str = "/usr/share/java/hdrhistogram.jar";

/// What the processor read from a log.
#[derive(Debug)]
pub struct ProcessedLog {
    /// One row per interval.
    pub intervals: Vec<ProcessedInterval>,
    /// The percentile distribution of all of them together, in milliseconds.
    pub hgrm: String,
}

/// What the processor read from a line, spans in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessedInterval {
    /// Its end, in seconds since the start of the log.
    pub end_s: f64,
    /// Its spans.
    pub count: u64,
    /// Their median, 90th percentile and maximum.
    pub p50_p90_max: [f64; 3],
    /// All spans up to here.
    pub total_count: u64,
    /// Their percentiles: 50, 90, 99, 99.9, 99.99, 100.
    pub totals: [f64; 6],
}

/// Has the reference read `log` with its own options, `-tag` for one.
///
/// # Panics
/// When Java or the package is missing, or the log cannot be read.
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
    // Both begin with comments that tell the range of time asked for.
    let body = hgrm.lines().skip_while(|line| line.starts_with('#'));
    ProcessedLog {
        intervals: intervals.lines().filter_map(interval).collect(),
        hgrm: body.map(|line| format!("{line}\n")).collect(),
    }
}

/// The tags that the reference finds in `log`, in its order.
///
/// # Panics
/// As [`process_log`] does.
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

/// Reads `1.000: I:5 ( 50% 90% max ) T:5 ( 50% 90% 99% 99.9% 99.99% max )`; none for a comment.
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
