//! The shapes of request bodies that are read field by field.

// What the derive writes is qualified more than it has to be here.
#![allow(unused_qualifications)]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::config::{SETTINGS, Setting};

/// New values of settings: flat, or in `entries`.
pub struct ConfigBody;

impl utoipa::ToSchema for ConfigBody {}

impl PartialSchema for ConfigBody {
    fn schema() -> RefOr<Schema> {
        let in_entries = ObjectBuilder::new()
            .property("entries", settings())
            .required("entries")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        let forms = OneOfBuilder::new()
            .description(Some("New values of settings: flat, or in `entries`"))
            .item(settings())
            .item(in_entries);
        forms.into()
    }
}

/// The settings by name, each a number or its digits.
fn settings() -> ObjectBuilder {
    let closed =
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    SETTINGS.iter().fold(closed, |object, setting| {
        let digits = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]+$"));
        let either = OneOfBuilder::new()
            .description(Some(setting.description))
            .item(number(setting))
            .item(digits);
        object.property(setting.key, either)
    })
}

fn number(setting: &Setting) -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    match setting.divides {
        Some(whole) => {
            let legal = setting.range.clone().filter(|value| whole % value == 0);
            number.enum_values(Some(legal))
        }
        None => number
            .minimum(Some(*setting.range.start()))
            .maximum(Some(*setting.range.end())),
    }
}

/// A load run: one of the kinds of load.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum RunBody {
    /// Requests at a rate, whatever the target does: an open model.
    Rate(RateRun),
    /// Virtual users, each sending its next request when it has an answer.
    Users(UsersRun),
    /// So many requests.
    Iterations(IterationsRun),
    /// Virtual users that become more.
    RampUp(RampUpRun),
}

/// Requests at a rate.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateRun {
    #[serde(flatten)]
    common: AnyRun,
    mode: ConstantMode,
    duration: Span,
    /// Arrivals per second.
    #[schema(minimum = 0.001, maximum = 10_000_000.0)]
    target_rps: f64,
    /// How arrivals lie in time; `even` at first.
    #[schema(nullable = false)]
    arrivals: Option<Arrivals>,
    /// Whether arrivals fall due each by itself, as at first, or many at once.
    #[schema(nullable = false)]
    pacing: Option<Pacing>,
    /// What random arrivals are drawn from.
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
    duration: Span,
    /// Virtual users.
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
    /// Requests.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    iterations: u64,
    /// Virtual users.
    #[schema(minimum = 1, maximum = 100_000)]
    concurrency: u64,
}

/// Virtual users that become more.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RampUpRun {
    #[serde(flatten)]
    common: AnyRun,
    mode: RampUpMode,
    duration: Span,
    /// How long the ramp takes, at most `duration`.
    ramp_up_duration: Span,
    /// Virtual users at the bottom; 1 at first.
    #[schema(minimum = 0, maximum = 100_000)]
    start_concurrency: Option<u64>,
    /// Virtual users at the top.
    #[schema(minimum = 1, maximum = 100_000)]
    concurrency: u64,
}

/// What every kind of run takes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnyRun {
    /// What is sent.
    request: LoadRequest,
    /// Successes to keep, in percent; 100 at first.
    #[serde(rename = "success_sample_rate")]
    #[schema(minimum = 0, maximum = 100)]
    success_sample_rate: Option<f64>,
    /// Responses whose script runs, in percent; 100 at first.
    #[schema(minimum = 0, maximum = 100)]
    script_sample_rate: Option<f64>,
    /// First bytes of a response body that scripts see. 0 to 67108864. Default: the
    /// setting `scriptBodyBytes`.
    #[schema(minimum = 0, maximum = 67_108_864)]
    script_body_bytes: Option<u64>,
    /// Requests slower than so many milliseconds are kept; 1000 at first.
    #[serde(rename = "slow_threshold_ms")]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    slow_threshold_ms: Option<f64>,
    /// Whether to record phases.
    #[serde(rename = "save_timing_breakdown")]
    save_timing_breakdown: Option<bool>,
    /// The saved request it is linked to.
    request_id: Option<String>,
    /// The environment it is linked to.
    environment_id: Option<String>,
    /// Words for people.
    comment: Option<String>,
    /// Longest a request may take: milliseconds, or like `"5s"`.
    timeout: Option<Span>,
    /// Longest a connect may take: milliseconds, or like `"5s"`.
    connect_timeout: Option<Span>,
    /// How long requests in flight may go on when the load is over.
    graceful_stop: Option<Span>,
    /// Most connections.
    #[schema(minimum = 1, maximum = 100_000)]
    max_connections: Option<u64>,
    /// How connections are made, kept and secured.
    connection: Option<Connection>,
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

/// A load that grows.
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
    /// Header values by name; a list is sent line by line.
    headers: Option<BTreeMap<String, Value>>,
    /// Text, any JSON, or a body with a `mode`.
    body: Option<Value>,
    /// How to authenticate.
    auth: Option<BTreeMap<String, Value>>,
    /// Variables of its own, which win over those of the environment.
    variables: Option<BTreeMap<String, Value>>,
    /// The saved request it is linked to.
    request_id: Option<String>,
    /// The environment it is linked to, whose variables and cookies it uses.
    environment_id: Option<String>,
    /// Longest time for everything: milliseconds, or like `"5s"`.
    timeout: Option<Span>,
    /// Longest connect and handshake, each.
    connect_timeout: Option<Span>,
    /// Whether redirects are followed; they are at first.
    follow_redirects: Option<bool>,
    /// Most redirects that are followed; 10 at first.
    #[schema(minimum = 0, maximum = 50)]
    max_redirects: Option<u64>,
    /// Whether cookies are sent and kept; they are at first.
    cookies: Option<bool>,
    /// Bytes of the response's body that are kept; 8 MiB at first.
    #[schema(minimum = 0, maximum = 67_108_864)]
    max_response_bytes: Option<u64>,
    /// URL of an http proxy; `false` for none, whatever the environment says.
    proxy: Option<Value>,
    /// How the connection is made and secured.
    connection: Option<Connection>,
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
    /// Header values by name.
    headers: Option<BTreeMap<String, String>>,
    /// Text as it is, any other JSON, or a body with a `mode`, as in a design request.
    body: Option<Value>,
}

/// How arrivals lie in time.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// All the same distance apart.
    Even,
    /// At random, independent of each other.
    Poisson,
}

/// Whether arrivals fall due each by itself or many at once.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Pacing {
    /// Arrivals within so much time fall due together at its beginning: milliseconds, or
    /// like `"1ms"`; 0.01 ms to 1 s, 0 for none.
    quantum: Option<Span>,
}

/// A span of time: text like `"1m30s"`, or a number.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Span {
    /// With its units.
    Text(String),
    /// A number.
    Number(f64),
}

impl utoipa::ToSchema for Span {}

impl PartialSchema for Span {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"));
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0));
        let either = OneOfBuilder::new()
            .description(Some("A span of time: text like `1m30s`, or a number"))
            .item(text)
            .item(number);
        either.into()
    }
}

/// How connections are made, kept and secured.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Whether they are used again.
    keep_alive: Option<bool>,
    /// Requests after which one is replaced.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    max_requests: Option<u64>,
    /// As `maxConnections` of the run.
    #[schema(minimum = 1, maximum = 100_000)]
    max_connections: Option<u64>,
    /// Addresses to connect from, in turn.
    local_addresses: Option<Vec<String>>,
    /// Addresses of `host:port`, instead of a look-up: one or a list.
    resolve: Option<BTreeMap<String, Value>>,
    /// How names are looked up.
    dns: Option<Dns>,
    /// Whether the target's certificate is checked; `false` like `curl -k`.
    verify_ssl: Option<bool>,
    /// TLS.
    tls: Option<Tls>,
    /// Whether a request is sent once more when the target had closed its kept connection.
    /// Default: true.
    retry_stale: Option<bool>,
    /// Longest head of a response in bytes. Default: 262144.
    #[schema(minimum = 2048, maximum = 16_777_216)]
    max_header_bytes: Option<u64>,
    /// Most header lines of a response. Default: 5000.
    #[schema(minimum = 1, maximum = 100_000)]
    max_header_lines: Option<u64>,
}

/// How names are looked up.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Dns {
    /// Before the run, when the answer's time is over, or for every connection.
    policy: Option<DnsPolicy>,
    /// Name servers, like `127.0.0.1:53`.
    servers: Option<Vec<String>>,
}

/// When names are looked up.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DnsPolicy {
    /// Before the run.
    Once,
    /// When the answer's time to live is over.
    Ttl,
    /// For every connection.
    Connection,
}

/// TLS.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// Certificates to trust, as PEM text.
    ca: Option<String>,
    /// The client's certificate, as PEM text.
    certificate: Option<String>,
    /// Its key, as PEM text; never stored.
    key: Option<String>,
    /// The name to ask for and to check, instead of the URL's.
    server_name: Option<String>,
    /// Protocols to offer.
    alpn: Option<Vec<String>>,
    /// Whether sessions of earlier connections are resumed.
    resumption: Option<bool>,
}
