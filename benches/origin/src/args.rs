//! The command line of `vayu-origin`.

use std::net::IpAddr;

use clap::{CommandFactory, FromArgMatches, Parser};
use vayu_origin::{OriginConfig, route_help};

/// Highest CPU number accepted, so that a typo in a range stays harmless.
const MAX_CPU: usize = 1023;

const AFTER_HELP: &str = "\
Prints one line once it accepts connections:
  vayu-origin listening on http://127.0.0.1:9880

Stops on SIGINT and SIGTERM. Exit codes:
  0  stopped by a signal
  1  could not start
  2  invalid arguments

Examples:
  vayu-origin
  vayu-origin --port 0 --cpus 0-1 --body-size 1024
  curl http://127.0.0.1:9880/stats";

#[derive(Debug, Parser)]
#[command(
    name = "vayu-origin",
    version,
    about = "An HTTP/1.1 server to aim a load generator at: fast, exact in its counts, and faulty \
             on request",
    after_help = AFTER_HELP
)]
struct Args {
    /// Port to listen on. 0 lets the kernel choose
    #[arg(long, default_value_t = 9880)]
    port: u16,

    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,

    /// CPUs to run on, one pinned executor each, e.g. "0,1" or "0-3"
    /// [default: one executor, not pinned]
    #[arg(long, value_parser = parse_cpus)]
    cpus: Option<CpuList>,

    /// Body size of `/` in bytes
    #[arg(long, default_value_t = 100)]
    body_size: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct CpuList(Vec<usize>);

/// Parses the command line. Exits with code 2 if it is invalid.
pub(crate) fn parse() -> OriginConfig {
    let long_help = format!("{AFTER_HELP}\n\nRoutes:\n{}", route_help());
    let matches = Args::command().after_long_help(long_help).get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    args.into_config()
}

impl Args {
    fn into_config(self) -> OriginConfig {
        OriginConfig {
            bind: self.bind,
            port: self.port,
            cpus: self.cpus.map(|list| list.0).unwrap_or_default(),
            body_size: self.body_size,
        }
    }
}

fn parse_cpus(text: &str) -> Result<CpuList, String> {
    let mut cpus = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (parse_cpu(first)?, parse_cpu(last)?);
        if first > last {
            return Err(format!(
                "the range {part} is descending; write it as LOW-HIGH"
            ));
        }
        cpus.extend(first..=last);
    }
    let mut distinct = cpus.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < cpus.len() {
        return Err("a CPU is listed more than once; list each CPU once".to_owned());
    }
    Ok(CpuList(cpus))
}

fn parse_cpu(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(cpu) if cpu <= MAX_CPU => Ok(cpu),
        _ => Err(format!(
            "\"{text}\" is not a CPU number; use 0 to {MAX_CPU}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_of_processors() {
        let rows: [(&str, &[usize]); 4] = [
            ("0", &[0]),
            ("0,1", &[0, 1]),
            ("0-3", &[0, 1, 2, 3]),
            ("4,0-1", &[4, 0, 1]),
        ];
        for (text, cpus) in rows {
            assert_eq!(parse_cpus(text), Ok(CpuList(cpus.to_vec())), "{text}");
        }
    }

    #[test]
    fn wrong_lists_are_explained() {
        for text in ["", "a", "0,", "1-", "3-1", "0,0", "0-2,1", "-1", "9999"] {
            let message = parse_cpus(text).expect_err("a wrong list");
            assert!(!message.is_empty(), "{text}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_library() {
        let args = Args::try_parse_from(["vayu-origin"]).expect("no argument is needed");
        assert_eq!(args.into_config(), OriginConfig::default());
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
