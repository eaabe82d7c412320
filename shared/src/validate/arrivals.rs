//! The fields that say when requests are due: `targetRps`, `arrivals`, `seed`.
//!
//! It reads and judges them; what they mean is in [`crate::arrivals`].

use super::{FieldError, Fields};
use crate::arrivals::{ArrivalPattern, ArrivalRate};
use crate::limits;
use crate::spec::Load;

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
    let seed = seed(fields)?;
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

/// Refuses random arrivals for a load that has no arrival rate.
pub(super) fn fits(pattern: ArrivalPattern, load: &Load) -> Result<(), FieldError> {
    if load.is_open() || pattern == ArrivalPattern::Even {
        return Ok(());
    }
    let problem = "is \"poisson\", which needs an arrival rate: use mode \"constant\" with \
                   `targetRps`, or leave `arrivals` out";
    Err(FieldError::new("arrivals", problem))
}

fn seed(fields: &Fields<'_>) -> Result<Option<u64>, FieldError> {
    let Some(number) = fields.number("seed")? else {
        return Ok(None);
    };
    if number.fract() != 0.0 || !(0.0..=limits::SEED as f64).contains(&number) {
        let most = limits::SEED;
        let problem = format!("is {number}; it has to be a whole number from 0 to {most}");
        return Err(FieldError::new("seed", problem));
    }
    Ok(Some(number as u64))
}
