//! Reads the body of `POST /run` into a legal [`RunSpec`], or says what is wrong,
//! and (in `workspace`) the bodies of what is saved.
//!
//! Nothing is stored or sent before this has accepted the whole body. It knows
//! JSON values and the meaning of fields; it knows nothing of HTTP statuses.

use std::fmt;

use serde_json::{Map, Value};

use crate::arrivals::{ArrivalPattern, ArrivalRate};
use crate::contract::{self, ConnectionBody};
use crate::limits;
use crate::spec::{Bounds, Capture, Load, RunSpec};
use crate::units::{self, MILLISECOND, Nanos};
use crate::vu_schedule::VuSchedule;

mod arrivals;
mod document;
mod fields;
mod request;
mod unused;
mod workspace;

pub use arrivals::PACING_FIELDS;
pub use document::Document;
pub use fields::{Fields, Known, shown};
pub use request::{
    REQUEST_FIELDS, encoding_fits, endpoint, header_count_fits, header_values, host_fits, method,
    path_as_is, request_spec, url_text,
};
pub use workspace::{
    COLLECTION_FIELDS, ENVIRONMENT_FIELDS, GLOBALS_FIELDS, SAVED_REQUEST_FIELDS, collection_edit,
    environment_edit, globals_edit, request_edit,
};

/// What kind of mistake an error is about, as the API's error codes tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Any field but the two below.
    Request,
    /// The URL.
    Url,
    /// The method.
    Method,
}

/// A field that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What it is about.
    pub mistake: Mistake,
    /// The field's path, like `request.headers.Accept`.
    pub field: String,
    /// What is wrong and what would be right; reads on after the field's name.
    pub problem: String,
}

impl FieldError {
    /// An error about any field but URL and method.
    #[must_use]
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: Mistake::Request,
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// An error about a URL.
    #[must_use]
    pub fn url(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistake: Mistake::Url,
            ..Self::new(field, problem)
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)
    }
}

impl std::error::Error for FieldError {}

/// What a run gets when its body leaves it open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults {
    /// Timeouts and the bound on connections.
    pub bounds: Bounds,
}

/// The fields of a load run.
pub const RUN_FIELDS: [&str; 26] = [
    "scriptBodyBytes",
    "scriptErrors",
    "scriptSampleRate",
    "request",
    "variables",
    "mode",
    "duration",
    "targetRps",
    "arrivals",
    "pacing",
    "seed",
    "concurrency",
    "iterations",
    "rampUpDuration",
    "startConcurrency",
    "success_sample_rate",
    "slow_threshold_ms",
    "save_timing_breakdown",
    "requestId",
    "environmentId",
    "comment",
    "timeout",
    "connectTimeout",
    "gracefulStop",
    "maxConnections",
    "connection",
];

/// Reads the body of `POST /run`.
///
/// # Errors
/// The first field that is missing, of the wrong type, or out of its range.
pub fn run_spec(body: &Value, defaults: &Defaults) -> Result<RunSpec, FieldError> {
    let Value::Object(object) = body else {
        return Err(FieldError::new("body", "has to be a JSON object"));
    };
    let fields = Fields::new(object, "", &[&RUN_FIELDS]);
    let mut warnings = fields.unknown();
    let request = fields.object("request")?.ok_or_else(|| {
        FieldError::new(
            "request",
            "is missing; it holds the `method` and `url` to send",
        )
    })?;
    let request = request_spec(request, "request.", &mut warnings)?;
    let load = load(&fields, &mut warnings)?;
    let connection = connection_body(&fields, &mut warnings)?;
    let bounds = bounds(&fields, &connection, &defaults.bounds)?;
    warnings.extend(unused::virtual_users(&load, &bounds));
    // Words for people: stored with the run and repeated in its report.
    fields.string("comment")?;
    // Who fills in variables has used them by now.
    fields.object("variables")?;
    goes_on_after_script_errors(&fields)?;
    let spec = connection.spec(&request.endpoint, &mut warnings)?;
    let unused = unused::connection_fields(&connection, &spec, &request.endpoint);
    warnings.extend(unused);
    Ok(RunSpec {
        connection: spec,
        request,
        load,
        capture: capture(&fields, object)?,
        bounds,
        request_id: fields.filled("requestId")?,
        environment_id: fields.filled("environmentId")?,
        warnings,
    })
}

/// The `connection` of a run or a request; an empty one where there is none.
///
/// # Errors
/// The first field in it that is of the wrong type or out of its range.
pub fn connection_body(
    fields: &Fields<'_>,
    warnings: &mut Vec<String>,
) -> Result<ConnectionBody, FieldError> {
    const NAME: &str = "connection";
    let given = fields.get(NAME);
    given.map_or_else(
        || Ok(ConnectionBody::default()),
        |value| contract::read(value, NAME, warnings),
    )
}

/// A load run goes on when a script fails, whatever a single request would do.
fn goes_on_after_script_errors(fields: &Fields<'_>) -> Result<(), FieldError> {
    fields.one_of("scriptErrors", &["report"]).map(drop)
}

fn load(fields: &Fields<'_>, warnings: &mut Vec<String>) -> Result<Load, FieldError> {
    const MODES: &str = "use \"constant\", \"iterations\" or \"ramp_up\"";
    let mode = fields
        .string("mode")?
        .ok_or_else(|| FieldError::new("mode", format!("is missing; {MODES}")))?;
    let pattern = arrivals::pattern(fields, warnings)?;
    let quantum = arrivals::quantum(fields, warnings)?;
    let load = match mode {
        "constant" => constant(fields, pattern, quantum),
        "iterations" => iterations(fields),
        "ramp_up" => ramp_up(fields),
        other => Err(FieldError::new(
            "mode",
            format!("is \"{other}\", which is unknown; {MODES}"),
        )),
    }?;
    arrivals::fits(pattern, &load)?;
    warnings.extend(unused::load_fields(fields, mode, &load));
    Ok(load)
}

/// A rate or a number of virtual users, until a time is over or a number is reached.
fn constant(
    fields: &Fields<'_>,
    pattern: ArrivalPattern,
    quantum: Nanos,
) -> Result<Load, FieldError> {
    let rate = arrivals::rate(fields)?;
    let vus = fields.whole("concurrency", 1..=limits::CONCURRENCY)?;
    let requests = fields.whole("iterations", 1..=limits::ITERATIONS)?;
    let duration = match requests {
        Some(_) => duration(fields, "duration")?,
        None => Some(required_duration(fields, "duration")?),
    };
    if let (Some(rate), Some(requests), None) = (rate, requests, duration) {
        takes_not_too_long(rate, requests)?;
    }
    match (rate, vus, requests) {
        (Some(rate), _, requests) => Ok(Load::Rate {
            rate,
            pattern,
            quantum,
            duration,
            requests,
        }),
        (None, Some(vus), Some(iterations)) => Ok(Load::Iterations {
            iterations,
            vus,
            duration,
        }),
        (None, Some(vus), None) => Ok(Load::Concurrency(VuSchedule::constant(vus, duration))),
        (None, None, _) => Err(FieldError::new(
            "targetRps",
            "and `concurrency` are both missing; a constant run needs one of them",
        )),
    }
}

/// A number of arrivals has the bound of a duration where it has none of its own.
fn takes_not_too_long(rate: ArrivalRate, requests: u64) -> Result<(), FieldError> {
    let length = rate.length_of(requests);
    if length <= limits::RUN_DURATION {
        return Ok(());
    }
    let problem = format!(
        "is {requests}, which takes {} at a `targetRps` of {}; at most 7 days: lower it, or \
         write a `duration`",
        units::format_duration(length),
        rate.as_per_second()
    );
    Err(FieldError::new("iterations", problem))
}

fn iterations(fields: &Fields<'_>) -> Result<Load, FieldError> {
    Ok(Load::Iterations {
        iterations: required_count(fields, "iterations", limits::ITERATIONS)?,
        vus: required_count(fields, "concurrency", limits::CONCURRENCY)?,
        duration: duration(fields, "duration")?,
    })
}

fn ramp_up(fields: &Fields<'_>) -> Result<Load, FieldError> {
    let duration = required_duration(fields, "duration")?;
    let ramp = required_duration(fields, "rampUpDuration")?;
    if ramp > duration {
        let problem = format!(
            "is {}, longer than the whole run (`duration` {})",
            units::format_duration(ramp),
            units::format_duration(duration)
        );
        return Err(FieldError::new("rampUpDuration", problem));
    }
    let start = match fields.number("startConcurrency")? {
        Some(0.0) => 0,
        _ => fields
            .whole("startConcurrency", 1..=limits::CONCURRENCY)?
            .unwrap_or(1),
    };
    let target = required_count(fields, "concurrency", limits::CONCURRENCY)?;
    Ok(Load::Concurrency(VuSchedule {
        start,
        target,
        ramp,
        duration: Some(duration),
    }))
}

fn capture(fields: &Fields<'_>, body: &Map<String, Value>) -> Result<Capture, FieldError> {
    let default = Capture::default();
    let percent = fields.percent("success_sample_rate")?;
    let slow_ms = fields.number("slow_threshold_ms")?;
    if let Some(ms) = slow_ms.filter(|ms| !(0.0..=1e9).contains(ms)) {
        let problem = format!("is {ms}; it has to be a number of milliseconds, 0 or more");
        return Err(FieldError::new("slow_threshold_ms", problem));
    }
    Ok(Capture {
        success_sample_percent: percent.unwrap_or(default.success_sample_percent),
        slow_threshold: slow_ms.map_or(default.slow_threshold, ms_to_nanos),
        reports_slow: body
            .get("slow_threshold_ms")
            .is_some_and(|value| !value.is_null()),
        timing_breakdown: fields.boolean("save_timing_breakdown")?.unwrap_or(false),
    })
}

fn bounds(
    fields: &Fields<'_>,
    connection: &ConnectionBody,
    default: &Bounds,
) -> Result<Bounds, FieldError> {
    let max = max_connections(fields, connection)?;
    Ok(Bounds {
        request_timeout: timeout(fields, "timeout")?.unwrap_or(default.request_timeout),
        connect_timeout: timeout(fields, "connectTimeout")?.unwrap_or(default.connect_timeout),
        graceful_stop: graceful_stop(fields)?.unwrap_or(default.graceful_stop),
        max_connections: max.unwrap_or(default.max_connections),
    })
}

/// The bound on connections may stand beside the other bounds or in `connection`.
fn max_connections(
    fields: &Fields<'_>,
    connection: &ConnectionBody,
) -> Result<Option<u64>, FieldError> {
    const NAME: &str = "maxConnections";
    let outer = fields.whole(NAME, 1..=limits::CONCURRENCY)?;
    let inner = connection.max_connections.map(|most| most.0);
    match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => Err(FieldError::new(
            NAME,
            format!("is {outer} and `connection.{NAME}` is {inner}; write it once"),
        )),
        _ => Ok(inner.or(outer)),
    }
}

/// A timeout: a bare number is milliseconds, as in the rest of the API's timeouts.
///
/// # Errors
/// When it is shorter than a millisecond or longer than an hour.
pub fn timeout(fields: &Fields<'_>, name: &str) -> Result<Option<Nanos>, FieldError> {
    let nanos = match fields.get(name) {
        None => return Ok(None),
        Some(Value::Number(_)) => fields.number(name)?.map(ms_to_nanos),
        Some(_) => fields.duration(name)?,
    };
    let legal = nanos.filter(|nanos| (MILLISECOND..=limits::TIMEOUT).contains(nanos));
    legal.map(Some).ok_or_else(|| {
        let seen = fields.get(name).unwrap_or(&Value::Null);
        let right = "1 ms to 1 h: a number of milliseconds, or like \"5s\"";
        fields.wrong_type(name, seen, right)
    })
}

fn graceful_stop(fields: &Fields<'_>) -> Result<Option<Nanos>, FieldError> {
    match fields.duration("gracefulStop")? {
        Some(nanos) if nanos > limits::TIMEOUT => {
            Err(FieldError::new("gracefulStop", "is too long; at most 1h"))
        }
        other => Ok(other),
    }
}

pub(in crate::validate) fn ms_to_nanos(ms: f64) -> Nanos {
    (ms * MILLISECOND as f64).round() as Nanos
}

fn required_duration(fields: &Fields<'_>, name: &str) -> Result<Nanos, FieldError> {
    let missing = || FieldError::new(name, "is missing; write something like \"30s\"");
    duration(fields, name)?.ok_or_else(missing)
}

fn duration(fields: &Fields<'_>, name: &str) -> Result<Option<Nanos>, FieldError> {
    let Some(nanos) = fields.duration(name)? else {
        return Ok(None);
    };
    if !(limits::RUN_DURATION_MIN..=limits::RUN_DURATION).contains(&nanos) {
        let problem = format!(
            "is {}; it has to be 1 ms to 7 days",
            units::format_duration(nanos)
        );
        return Err(FieldError::new(name, problem));
    }
    Ok(Some(nanos))
}

fn required_count(fields: &Fields<'_>, name: &str, most: u64) -> Result<u64, FieldError> {
    let problem = format!("is missing; it has to be a whole number from 1 to {most}");
    fields
        .whole(name, 1..=most)?
        .ok_or_else(|| FieldError::new(name, problem))
}

#[cfg(test)]
mod tests;
