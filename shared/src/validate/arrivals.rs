//! The fields that say when requests are due: `targetRps`, `arrivals`, `seed`, `pacing`.
//!
//! It reads and judges them; what they mean is in [`crate::arrivals`].

use serde_json::Value;

use super::{FieldError, Fields, ms_to_nanos};
use crate::arrivals::{ArrivalPattern, ArrivalRate};
use crate::limits;
use crate::spec::Load;
use crate::units::Nanos;

/// The fields of `pacing`.
pub const PACING_FIELDS: [&str; 1] = ["quantum"];

pub(super) fn rate(fields: &Fields<'_>) -> Result<Option<ArrivalRate>, FieldError> {
    let Some(rate) = fields.number("targetRps")? else {
        return Ok(None);
    };
    let legal = (limits::TARGET_RPS_MIN..=limits::TARGET_RPS).contains(&rate);
    ArrivalRate::per_second(rate)
        .filter(|_| legal)
        .map(Some)
        .ok_or_else(|| {
            let range = format!("{} to {}", limits::TARGET_RPS_MIN, limits::TARGET_RPS);
            FieldError::new(
                "targetRps",
                format!("is {rate}; it has to be {range} requests per second"),
            )
        })
}

/// How arrivals lie in time; a seed that nothing uses is worth a warning.
pub(super) fn pattern(
    fields: &Fields<'_>,
    warnings: &mut Vec<String>,
) -> Result<ArrivalPattern, FieldError> {
    let seed = fields.whole("seed", 0..=limits::SEED)?;
    match fields.string("arrivals")? {
        Some("poisson") => Ok(ArrivalPattern::Poisson {
            seed: seed.unwrap_or(ArrivalPattern::DEFAULT_SEED),
        }),
        None | Some("even") => {
            if seed.is_some() {
                let warning = "`seed` is not used: only `arrivals` \"poisson\" are random";
                warnings.push(warning.to_owned());
            }
            Ok(ArrivalPattern::Even)
        }
        Some(other) => {
            let problem = format!("is \"{other}\", which is unknown; use \"even\" or \"poisson\"");
            Err(FieldError::new("arrivals", problem))
        }
    }
}

/// How much time's arrivals fall due together (`pacing.quantum`); 0 for each at its own
/// instant.
pub(super) fn quantum(
    fields: &Fields<'_>,
    warnings: &mut Vec<String>,
) -> Result<Nanos, FieldError> {
    const NAME: &str = "quantum";
    let Some(pacing) = fields.object("pacing")? else {
        return Ok(0);
    };
    let pacing = Fields::new(pacing, "pacing.", &[&PACING_FIELDS]);
    warnings.extend(pacing.unknown());
    let quantum = match pacing.get(NAME) {
        None => return Ok(0),
        Some(Value::Number(_)) => {
            let ms = pacing.number(NAME)?.filter(|ms| *ms >= 0.0);
            ms.map(ms_to_nanos)
        }
        Some(_) => pacing.duration(NAME)?,
    };
    let is_legal = |quantum: &Nanos| *quantum == 0 || limits::QUANTUM.contains(quantum);
    quantum.filter(is_legal).ok_or_else(|| {
        let seen = pacing.get(NAME).unwrap_or(&Value::Null);
        let right = "0.01 to 1000 ms, or 0 for none: a number of milliseconds, or like \"1ms\"";
        pacing.wrong_type(NAME, seen, right)
    })
}

/// Refuses random arrivals for a load that has no arrival rate.
pub(super) fn fits(pattern: ArrivalPattern, load: &Load) -> Result<(), FieldError> {
    if load.is_open() || pattern == ArrivalPattern::Even {
        return Ok(());
    }
    let problem = "is \"poisson\", which needs an arrival rate: use mode \"constant\" with \
                   `targetRps`, or leave `arrivals` out";
    Err(FieldError::new("arrivals", problem))
}
