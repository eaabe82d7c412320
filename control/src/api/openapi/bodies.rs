//! The shapes of request bodies that are read field by field.

// What the derive writes is qualified more than it has to be here.
#![allow(unused_qualifications)]

use serde::Deserialize;
use vayu_shared::contract::ConnectionBody;

mod auth;
mod payload;
mod settings;
mod values;

use auth::AuthBody;
#[cfg(test)]
pub use auth::SHAPES;
use payload::Payload;
pub use settings::ConfigBody;
use values::{FollowRedirects, Headers, ProxyUrl, Span, VariablesByName};

/// A load run: one of the kinds of load.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum RunBody {
    /// Arrivals at a rate, whatever the target does: an open model.
    Rate(RateRun),
    /// Virtual users, each sending its next request when it has a response.
    Users(UsersRun),
    /// A number of requests.
    Iterations(IterationsRun),
    /// A number of virtual users that rises or falls.
    RampUp(RampUpRun),
}

/// Requests at a rate.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateRun {
    #[serde(flatten)]
    common: AnyRun,
    mode: ConstantMode,
    /// How long arrivals fall due. Needed without `iterations`; with both, the run ends at
    /// whichever comes first.
    #[schema(nullable = false)]
    duration: Option<Span>,
    /// Number of arrivals after which the run ends. Default: no limit.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    iterations: Option<u64>,
    /// Arrivals per second.
    #[schema(minimum = 0.001, maximum = 10_000_000.0)]
    target_rps: f64,
    /// How arrivals lie in time. Default: `even`.
    #[schema(nullable = false)]
    arrivals: Option<Arrivals>,
    /// Whether arrivals fall due one by one or in bursts. Default: one by one.
    #[schema(nullable = false)]
    pacing: Option<Pacing>,
    /// Seed of random arrivals. Default: 0.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_u64)]
    seed: Option<u64>,
}

/// A number of virtual users.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsersRun {
    #[serde(flatten)]
    common: AnyRun,
    mode: ConstantMode,
    /// How long. Needed without `iterations`; with both, the run ends at whichever comes
    /// first.
    #[schema(nullable = false)]
    duration: Option<Span>,
    /// Number of requests after which the run ends. Default: no limit.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    iterations: Option<u64>,
    /// Number of virtual users.
    #[schema(minimum = 1, maximum = 100_000)]
    concurrency: u64,
}

/// A number of requests.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IterationsRun {
    #[serde(flatten)]
    common: AnyRun,
    mode: IterationsMode,
    /// When the run ends before `iterations` are done. Default: no limit.
    #[schema(nullable = false)]
    duration: Option<Span>,
    /// Number of requests, over all virtual users.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    iterations: u64,
    /// Number of virtual users.
    #[schema(minimum = 1, maximum = 100_000)]
    concurrency: u64,
}

/// A number of virtual users that rises or falls.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RampUpRun {
    #[serde(flatten)]
    common: AnyRun,
    mode: RampUpMode,
    /// How long in all.
    duration: Span,
    /// How long the ramp takes. At most `duration`.
    ramp_up_duration: Span,
    /// Number of virtual users at the start. Default: 1.
    #[schema(minimum = 0, maximum = 100_000)]
    start_concurrency: Option<u64>,
    /// Number of virtual users after the ramp.
    #[schema(minimum = 1, maximum = 100_000)]
    concurrency: u64,
}

/// What every kind of run takes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnyRun {
    /// What is sent.
    request: LoadRequest,
    /// Variables of the run. They take precedence over the environment's.
    variables: Option<VariablesByName>,
    /// Successful requests to store, in percent. Default: 100.
    #[serde(rename = "success_sample_rate")]
    #[schema(minimum = 0, maximum = 100)]
    success_sample_rate: Option<f64>,
    /// Responses whose script runs, in percent. Default: 100.
    #[schema(minimum = 0, maximum = 100)]
    script_sample_rate: Option<f64>,
    /// What a failing script does to the run. Default: `report`.
    #[schema(nullable = false)]
    script_errors: Option<LoadScriptErrors>,
    /// First bytes of a response body that scripts see. 0 to 67108864. Default: the
    /// setting `scriptBodyBytes`.
    #[schema(minimum = 0, maximum = 67_108_864)]
    script_body_bytes: Option<u64>,
    /// Requests slower than this many milliseconds are always stored. Default: 1000.
    #[serde(rename = "slow_threshold_ms")]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    slow_threshold_ms: Option<f64>,
    /// Whether the phases of requests are recorded. Default: false.
    #[serde(rename = "save_timing_breakdown")]
    save_timing_breakdown: Option<bool>,
    /// The saved request it is linked to.
    request_id: Option<String>,
    /// The environment it is linked to.
    environment_id: Option<String>,
    /// Human-readable comment, repeated in the report.
    comment: Option<String>,
    /// Timeout of a request: milliseconds, or like `"5s"`. Default: the setting
    /// `defaultTimeout`.
    timeout: Option<Span>,
    /// Timeout of a look-up, a connect and a TLS handshake, each: milliseconds, or like
    /// `"5s"`. Default: 10 s.
    connect_timeout: Option<Span>,
    /// How long requests in flight may still take when the duration is over. Default: 2 s.
    graceful_stop: Option<Span>,
    /// Maximum number of open connections. Default: the setting `maxConnections`.
    #[schema(minimum = 1, maximum = 100_000)]
    max_connections: Option<u64>,
    /// How connections are opened, kept and secured.
    connection: Option<ConnectionBody>,
}

/// A constant load.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConstantMode {
    /// The only one.
    Constant,
}

/// A load of so many requests.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IterationsMode {
    /// The only one.
    Iterations,
}

/// A ramp.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RampUpMode {
    /// The only one.
    RampUp,
}

/// One request. Its URL, headers, body and auth may hold `{{variables}}`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DesignBody {
    /// A method of the IANA registry, in any case, or with `customMethod` any token.
    #[schema(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$")]
    method: String,
    /// Whether a `method` that is not known is sent as typed. Default false.
    custom_method: Option<bool>,
    /// An http or https URL.
    #[schema(format = "uri", min_length = 1)]
    url: String,
    /// Whether path and query are sent as typed, dot segments and all. Default false.
    path_as_is: Option<bool>,
    /// Header lines.
    headers: Option<Headers>,
    /// Text, any JSON, or a body with a `mode`.
    body: Option<Payload>,
    /// How to authenticate.
    auth: Option<AuthBody>,
    /// Script to run before the request. At most 1 MiB.
    pre_request_script: Option<String>,
    /// Script to run after the response. At most 1 MiB.
    post_request_script: Option<String>,
    /// What happens when a script fails. Default: `refuse`.
    #[schema(nullable = false)]
    script_errors: Option<ScriptErrors>,
    /// Variables of its own, which win over those of the environment.
    variables: Option<VariablesByName>,
    /// The saved request it is linked to.
    request_id: Option<String>,
    /// The environment it is linked to, whose variables and cookies it uses.
    environment_id: Option<String>,
    /// Timeout of everything, redirects included: milliseconds, or like `"5s"`. Default: the
    /// setting `defaultTimeout`.
    timeout: Option<Span>,
    /// Timeout of a connect and a TLS handshake, each: milliseconds, or like `"5s"`.
    /// Default: 10 s.
    connect_timeout: Option<Span>,
    /// Whether redirects are followed, or only those that stay at the request's origin. Default: true.
    follow_redirects: Option<FollowRedirects>,
    /// Maximum number of redirects. Default: 10.
    #[schema(minimum = 0, maximum = 50)]
    max_redirects: Option<u64>,
    /// Whether cookies are sent and stored. Default: true.
    cookies: Option<bool>,
    /// Maximum number of bytes of the response body in the answer. Default: 8 MiB.
    #[schema(minimum = 0, maximum = 67_108_864)]
    max_response_bytes: Option<u64>,
    /// URL of an http proxy; `false` for none, whatever the environment says.
    proxy: Option<ProxyUrl>,
    /// How the connection is opened and secured.
    connection: Option<ConnectionBody>,
}

/// A request as every arrival sends it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoadRequest {
    /// A method of the IANA registry, in any case, or with `customMethod` any token.
    #[schema(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$")]
    method: String,
    /// Whether a `method` that is not known is sent as typed. Default false.
    custom_method: Option<bool>,
    /// An http or https URL.
    #[schema(format = "uri", min_length = 1, max_length = 8192)]
    url: String,
    /// Whether path and query are sent as typed, dot segments and all. Default false.
    path_as_is: Option<bool>,
    /// Header lines.
    headers: Option<Headers>,
    /// Text, any JSON, or a body with a `mode`.
    body: Option<Payload>,
    /// How to authenticate.
    auth: Option<AuthBody>,
    /// Script to run before each request. At most 1 MiB.
    pre_request_script: Option<String>,
    /// Script to run after each response. At most 1 MiB.
    post_request_script: Option<String>,
}

/// What happens when a script of a single request fails.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScriptErrors {
    /// The answer is an error, and nothing is sent if it was the script before the request.
    Refuse,
    /// The request is sent all the same, and the answer says what failed.
    Report,
}

/// What happens when a script of a load run fails.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadScriptErrors {
    /// The error is counted and reported; the run continues.
    Report,
}

/// How arrivals lie in time.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// At equal distances.
    Even,
    /// At random, independent of each other.
    Poisson,
}

/// Whether arrivals fall due one by one or in bursts.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Pacing {
    /// Arrivals within so much time fall due together at its beginning: milliseconds, or
    /// like `"1ms"`; 0.01 ms to 1 s, 0 for none.
    quantum: Option<Span>,
}
