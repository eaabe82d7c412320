//! The body of `POST /run`: the request, the load, and what is stored.
//!
//! Nothing is stored or sent before the whole body is accepted.

mod unused;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AllOfBuilder, AnyOfBuilder, ObjectBuilder};
use utoipa::openapi::{RefOr, Schema};
use vayu_shared::arrivals::{ArrivalPattern, ArrivalRate};
use vayu_shared::field_error::FieldError;
use vayu_shared::limits;
use vayu_shared::spec::{Bounds, Capture, Load, RequestSpec, RunSpec};
use vayu_shared::units::{self, Nanos};
use vayu_shared::vu_schedule::VuSchedule;

use super::mode::Mode;
use super::numbers::{Percent, SlowThreshold, TargetRps, WholeNumber};
use super::request::given;
use super::scalars::{object, required_object, required_word, text, word};
use super::spans::{GracefulStop, Quantum, RunDuration, Timeout};
use super::variables::VariableValues;
use super::{ConnectionBody, RequestConfig, read};

type Users = WholeNumber<1, { limits::CONCURRENCY }>;
type Requests = WholeNumber<1, { limits::ITERATIONS }>;

/// Defaults for fields that a run leaves out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults {
    /// Timeouts and the limit of connections.
    pub bounds: Bounds,
}

/// A load run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunBody {
    /// The `method` and `url` to send, and what else belongs to the request.
    #[serde(deserialize_with = "required_object")]
    pub request: RequestConfig,
    /// The kind of load: `constant`, `iterations` or `ramp_up`.
    #[serde(deserialize_with = "required_word")]
    pub mode: Mode,
    /// Duration of the load, like `"30s"`. Required for `ramp_up`, and for `constant` without `iterations`.
    /// With both, the run ends at whichever comes first.
    #[schema(inline)]
    pub duration: Option<RunDuration>,
    /// Number of requests after which the run ends. Default: no limit.
    #[schema(inline)]
    pub iterations: Option<Requests>,
    /// Arrival rate per second, independent of the target's responses (open model).
    #[schema(inline)]
    pub target_rps: Option<TargetRps>,
    /// Distribution of arrivals in time. Default: `even`.
    #[serde(default, deserialize_with = "word")]
    pub arrivals: Option<Arrivals>,
    /// Seed of random arrivals. Default: 0.
    #[schema(inline)]
    pub seed: Option<WholeNumber<0, { limits::SEED }>>,
    /// Pacing of arrivals. Default: each arrival at its own instant.
    #[serde(default, deserialize_with = "object")]
    pub pacing: Option<Pacing>,
    /// Number of virtual users. Each sends its next request when it has received a response.
    #[schema(inline)]
    pub concurrency: Option<Users>,
    /// Duration of the ramp. At most `duration`.
    #[schema(inline)]
    pub ramp_up_duration: Option<RunDuration>,
    /// Number of virtual users at the start of a ramp. Default: 1.
    #[schema(inline)]
    pub start_concurrency: Option<WholeNumber<0, { limits::CONCURRENCY }>>,
    /// Variables of the run. They take precedence over the environment's.
    #[schema(inline)]
    pub variables: Option<VariableValues>,
    /// Share of successful requests to store, in percent. Default: 100.
    #[serde(rename = "success_sample_rate")]
    #[schema(inline)]
    pub success_sample_rate: Option<Percent>,
    /// Requests slower than this many milliseconds are always stored. Default: 1000.
    #[serde(rename = "slow_threshold_ms")]
    #[schema(inline)]
    pub slow_threshold: Option<SlowThreshold>,
    /// Whether the phases of requests are recorded. Default: false.
    #[serde(rename = "save_timing_breakdown")]
    pub save_timing_breakdown: Option<bool>,
    /// Share of responses whose script runs, in percent. Default: 100.
    #[schema(inline)]
    pub script_sample_rate: Option<Percent>,
    /// Behaviour when a script fails. Default: `report`.
    #[serde(default, deserialize_with = "word")]
    pub script_errors: Option<LoadScriptErrors>,
    /// First bytes of a response body that scripts see. 0 to 67108864. Default: the
    /// setting `scriptBodyBytes`.
    #[schema(inline)]
    pub script_body_bytes: Option<
        WholeNumber<
            { *limits::SCRIPT_BODY_BYTES_RANGE.start() },
            { *limits::SCRIPT_BODY_BYTES_RANGE.end() },
        >,
    >,
    /// Id of the saved request it is linked to.
    pub request_id: Option<String>,
    /// Id of the environment it is linked to.
    pub environment_id: Option<String>,
    /// Human-readable comment, repeated in the report.
    pub comment: Option<String>,
    /// Timeout of a request: milliseconds, or like `"5s"`. Default: the setting
    /// `defaultTimeout`.
    #[schema(inline)]
    pub timeout: Option<Timeout>,
    /// Timeout of the DNS look-up, the connect and the TLS handshake, each: milliseconds, or like `"5s"`.
    /// Default: 10 s.
    #[schema(inline)]
    pub connect_timeout: Option<Timeout>,
    /// Time for requests in flight to complete after the end of the load. Default: 2 s.
    #[schema(inline)]
    pub graceful_stop: Option<GracefulStop>,
    /// Maximum number of open connections. Default: the setting `maxConnections`.
    #[schema(inline)]
    pub max_connections: Option<Users>,
    /// How connections are opened, kept and secured.
    #[serde(default, deserialize_with = "object")]
    pub connection: Option<ConnectionBody>,
}

/// Distribution of arrivals in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// At equal intervals.
    Even,
    /// At random, as a Poisson process.
    Poisson,
}

/// Pacing of arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Pacing {
    /// Arrivals within this time are sent together at its beginning: milliseconds, or like `"1ms"`. 0.01 ms
    /// to 1 s; 0 for none.
    #[schema(inline)]
    pub quantum: Option<Quantum>,
}

/// Behaviour when a script of a load run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadScriptErrors {
    /// The error is counted and reported; the run continues.
    Report,
}

/// Parses the body of `POST /run` with a request that has no variables, authentication or scripts.
///
/// # Errors
/// Returns an error for the first field that is missing, of the wrong type or out of its range.
pub fn run_spec(body: &Value, defaults: &Defaults) -> Result<RunSpec, FieldError> {
    let mut warnings = Vec::new();
    let body = RunBody::read(body, &mut warnings)?;
    let request = body.request.plain_spec(RunBody::REQUEST, &mut warnings)?;
    body.spec(request, defaults, warnings)
}

impl RunBody {
    /// Path of the request in the body.
    pub const REQUEST: &str = "request";

    /// Parses a body. Unknown fields cause warnings.
    ///
    /// # Errors
    /// Returns an error for the first field that is missing, of the wrong type or out of its range.
    pub fn read(value: &Value, warnings: &mut Vec<String>) -> Result<Self, FieldError> {
        let mut body: Self = read(value, "", warnings)?;
        body.request.body = given(&value[Self::REQUEST], "body");
        body.variables = body.variables.map(|_| VariableValues::given(value));
        Ok(body)
    }

    /// Converts the body to a run that sends `request`. `warnings` contains the warnings so far.
    ///
    /// # Errors
    /// Returns an error for the first field that contradicts others.
    pub fn spec(
        &self,
        request: RequestSpec,
        defaults: &Defaults,
        mut warnings: Vec<String>,
    ) -> Result<RunSpec, FieldError> {
        let load = self.load(&mut warnings)?;
        let bounds = self.bounds(&defaults.bounds)?;
        warnings.extend(unused::virtual_users(&load, &bounds));
        let connection = self.connection.clone().unwrap_or_default();
        let spec = connection.spec(&request.endpoint, &mut warnings)?;
        let unused = unused::connection_fields(&connection, &spec, &request.endpoint);
        warnings.extend(unused);
        let filled = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
        Ok(RunSpec {
            connection: spec,
            request,
            load,
            capture: self.capture(),
            bounds,
            request_id: filled(&self.request_id),
            environment_id: filled(&self.environment_id),
            warnings,
        })
    }

    fn load(&self, warnings: &mut Vec<String>) -> Result<Load, FieldError> {
        let pattern = self.pattern(warnings);
        let load = match self.mode {
            Mode::Constant => self.constant(pattern),
            Mode::Iterations => self.iterations(),
            Mode::RampUp => self.ramp_up(),
        }?;
        if !load.is_open() && pattern != ArrivalPattern::Even {
            let problem = "is \"poisson\", which needs an arrival rate: use mode \"constant\" with \
                           `targetRps`, or leave `arrivals` out";
            return Err(FieldError::new("arrivals", problem));
        }
        warnings.extend(unused::load_fields(self, &load));
        Ok(load)
    }

    /// Returns the arrival pattern, with a warning for a seed without effect.
    fn pattern(&self, warnings: &mut Vec<String>) -> ArrivalPattern {
        let seed = self.seed.map(|seed| seed.0);
        if self.arrivals == Some(Arrivals::Poisson) {
            let seed = seed.unwrap_or(ArrivalPattern::DEFAULT_SEED);
            return ArrivalPattern::Poisson { seed };
        }
        if seed.is_some() {
            let warning = "`seed` is not used: only `arrivals` \"poisson\" are random";
            warnings.push(warning.to_owned());
        }
        ArrivalPattern::Even
    }

    /// A rate or a number of virtual users, limited by a duration, a number of requests, or both.
    fn constant(&self, pattern: ArrivalPattern) -> Result<Load, FieldError> {
        let rate = self
            .target_rps
            .and_then(|rate| ArrivalRate::per_second(rate.0));
        let requests = self.iterations.map(|most| most.0);
        let duration = match requests {
            Some(_) => self.duration.map(|duration| duration.0),
            None => Some(needed(self.duration, "duration", "something like \"30s\"")?.0),
        };
        if let (Some(rate), Some(requests), None) = (rate, requests, duration) {
            check_implied_duration(rate, requests)?;
        }
        let users = self.concurrency.map(|users| users.0);
        let quantum = self.pacing.and_then(|pacing| pacing.quantum);
        match (rate, users, requests) {
            (Some(rate), _, requests) => Ok(Load::Rate {
                rate,
                pattern,
                quantum: quantum.map_or(0, |quantum| quantum.0),
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

    fn iterations(&self) -> Result<Load, FieldError> {
        Ok(Load::Iterations {
            iterations: needed(self.iterations, "iterations", "a number of requests")?.0,
            vus: needed(self.concurrency, "concurrency", USERS)?.0,
            duration: self.duration.map(|duration| duration.0),
        })
    }

    fn ramp_up(&self) -> Result<Load, FieldError> {
        const LIKE: &str = "something like \"30s\"";
        let duration = needed(self.duration, "duration", LIKE)?.0;
        let ramp = needed(self.ramp_up_duration, "rampUpDuration", LIKE)?.0;
        if ramp > duration {
            let problem = format!(
                "is {}, longer than the whole run (`duration` {})",
                units::format_duration(ramp),
                units::format_duration(duration)
            );
            return Err(FieldError::new("rampUpDuration", problem));
        }
        Ok(Load::Concurrency(VuSchedule {
            start: self.start_concurrency.map_or(1, |users| users.0),
            target: needed(self.concurrency, "concurrency", USERS)?.0,
            ramp,
            duration: Some(duration),
        }))
    }

    fn capture(&self) -> Capture {
        let default = Capture::default();
        let slow = self.slow_threshold.map(|slow| slow.0);
        let percent = self.success_sample_rate.map(|percent| percent.0);
        Capture {
            success_sample_percent: percent.unwrap_or(default.success_sample_percent),
            slow_threshold: slow.unwrap_or(default.slow_threshold),
            reports_slow: slow.is_some(),
            timing_breakdown: self.save_timing_breakdown.unwrap_or(false),
        }
    }

    fn bounds(&self, default: &Bounds) -> Result<Bounds, FieldError> {
        let span = |timeout: Option<Timeout>, default: Nanos| timeout.map_or(default, |own| own.0);
        let graceful_stop = self.graceful_stop.map(|grace| grace.0);
        Ok(Bounds {
            request_timeout: span(self.timeout, default.request_timeout),
            connect_timeout: span(self.connect_timeout, default.connect_timeout),
            graceful_stop: graceful_stop.unwrap_or(default.graceful_stop),
            max_connections: self.max_connections()?.unwrap_or(default.max_connections),
        })
    }

    /// The limit of connections may be at the top level or in `connection`.
    fn max_connections(&self) -> Result<Option<u64>, FieldError> {
        const NAME: &str = "maxConnections";
        let outer = self.max_connections.map(|most| most.0);
        let connection = self.connection.as_ref();
        let inner = connection.and_then(|connection| connection.max_connections);
        match (outer, inner.map(|most| most.0)) {
            (Some(outer), Some(inner)) if outer != inner => Err(FieldError::new(
                NAME,
                format!("is {outer} and `connection.{NAME}` is {inner}; write it once"),
            )),
            (outer, inner) => Ok(inner.or(outer)),
        }
    }

    /// Returns the schema, with the required fields of each kind of load.
    pub fn schema_of_kinds(fields: RefOr<Schema>) -> RefOr<Schema> {
        let kinds = KINDS
            .iter()
            .fold(AnyOfBuilder::new(), |kinds, (mode, needed)| {
                let kind = ObjectBuilder::new().property("mode", text().enum_values(Some([*mode])));
                let kind = needed.iter().fold(kind, |kind, name| kind.required(*name));
                kinds.item(kind.required("mode"))
            });
        AllOfBuilder::new().item(fields).item(kinds).into()
    }
}

/// Required fields of each kind of load, besides `mode`.
const KINDS: [(&str, &[&str]); 6] = [
    ("constant", &["targetRps", "duration"]),
    ("constant", &["targetRps", "iterations"]),
    ("constant", &["concurrency", "duration"]),
    ("constant", &["concurrency", "iterations"]),
    ("iterations", &["iterations", "concurrency"]),
    ("ramp_up", &["duration", "rampUpDuration", "concurrency"]),
];

const USERS: &str = "a number of virtual users";

/// Returns a field that this kind of load requires.
fn needed<T>(field: Option<T>, name: &str, like: &str) -> Result<T, FieldError> {
    field.ok_or_else(|| FieldError::new(name, format!("is missing; expected {like}")))
}

/// A number of arrivals without a `duration` must fit into the maximum duration.
fn check_implied_duration(rate: ArrivalRate, requests: u64) -> Result<(), FieldError> {
    let length = rate.duration_of(requests);
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

#[cfg(test)]
mod tests;
