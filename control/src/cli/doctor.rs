//! `vayu-cli doctor`: checks whether this machine meets the requirements of a load generator, and prints
//! fixes.
//!
//! It reads and changes nothing. The preflight of a run checks what concerns that run.

mod checks;

use clap::Args;
use serde::Serialize;

use super::placement_args::PlacementArgs;
use super::run_args::Format;
use super::{Ending, print};

/// Options of `vayu-cli doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 load can be made here, 1 something keeps it from being made. Warnings cost\n\
    speed or precision and do not count."
)]
pub struct DoctorArgs {
    #[command(flatten)]
    placement: PlacementArgs,
    /// Format of the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// State of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Meets the requirements.
    Ok,
    /// Costs speed or precision.
    Warning,
    /// Prevents load generation.
    Bad,
    /// Cannot be determined here.
    Unknown,
}

/// Result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    /// Name of the check.
    name: &'static str,
    state: State,
    /// Observed value.
    found: String,
    /// Command that fixes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// Runs the command.
pub fn doctor(args: &DoctorArgs) -> anyhow::Result<Ending> {
    let findings = checks::all(&args.placement.cpus()?);
    match args.format {
        Format::Text => print(&page(&findings))?,
        Format::Json => print(&format!("{}\n", serde_json::to_string_pretty(&findings)?))?,
    }
    let is_bad = findings.iter().any(|finding| finding.state == State::Bad);
    Ok(if is_bad { Ending::Failed } else { Ending::Done })
}

fn page(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding {
        name,
        state,
        found,
        fix,
    } in findings
    {
        let word = match state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Bad => "BAD",
            State::Unknown => "unknown",
        };
        text.push_str(&format!("{word:<9}{name:<18}{found}\n"));
        if let Some(fix) = fix {
            text.push_str(&format!("{:<27}fix: {fix}\n", ""));
        }
    }
    let count = |state: State| {
        findings
            .iter()
            .filter(|finding| finding.state == state)
            .count()
    };
    let (bad, warnings) = (count(State::Bad), count(State::Warning));
    let verdict = match (bad, warnings) {
        (0, 0) => "This machine is ready.".to_owned(),
        (0, _) => {
            format!(
                "This machine can generate load; warnings that reduce speed or precision: {warnings}."
            )
        }
        _ => format!("This machine cannot generate load; failed checks: {bad}."),
    };
    text.push_str(&format!("\n{verdict}\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_line_for_each_finding_and_the_command_that_helps() {
        let finding = |name, state, fix: Option<&str>| Finding {
            name,
            state,
            found: "what it is".into(),
            fix: fix.map(str::to_owned),
        };
        let findings = [
            finding("kernel", State::Ok, None),
            finding("descriptors", State::Warning, Some("ulimit -n 65536")),
        ];
        assert_eq!(
            page(&findings),
            "ok       kernel            what it is\n\
             warning  descriptors       what it is\n                           fix: ulimit -n 65536\n\n\
             This machine can generate load; warnings that reduce speed or precision: 1.\n"
        );
        assert!(page(&findings[..1]).ends_with("This machine is ready.\n"));
        let bad = [finding("io_uring", State::Bad, None)];
        assert!(page(&bad).contains("This machine cannot generate load; failed checks: 1."));
    }
}
