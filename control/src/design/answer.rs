//! The response of `POST /request`: what was received, how long it took, and what was sent.

pub mod shown;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::phases::PhaseTimings;
use vayu_worker::script::{TestOutcome, TestResult};

use super::certificate::CertificateFacts;
use crate::store::VariableChanges;
use crate::timing::Timing;
use shown::ShownBody;

/// Result of a design request.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DesignAnswer {
    /// Status code of the response.
    pub status: u16,
    /// Reason phrase of the response, as received. Often empty.
    pub status_text: String,
    /// Response headers by lower-case name. A list if a name occurs more than once.
    #[schema(value_type = BTreeMap<String, HeaderValues>)]
    pub headers: BTreeMap<String, HeaderValues>,
    /// Response header lines in order, with names as received.
    pub raw_headers: Vec<(String, String)>,
    /// Response head, for scripts.
    #[serde(skip)]
    pub head: Vec<u8>,
    /// Response body: parsed if it is JSON, otherwise text. `null` if it is binary.
    #[schema(value_type = Value)]
    pub body: ShownBody,
    /// Response body as text, without content coding. Base64 if it is binary.
    pub body_raw: String,
    /// Whether `bodyRaw` is base64.
    pub body_is_base64: bool,
    /// Response body without content coding, if the bytes of `bodyRaw` differ from it.
    #[serde(skip)]
    pub body_bytes: Option<Vec<u8>>,
    /// Size of the response body without content coding, in bytes.
    pub body_size: u64,
    /// Response sizes in bytes.
    pub size: Sizes,
    /// Whether the body was longer than the part that is kept (`maxResponseBytes`).
    pub truncated: bool,
    /// HTTP version of the response: `HTTP/1.1` or `HTTP/1.0`.
    pub http_version: &'static str,
    /// Address that answered. The address of the proxy if one is used.
    pub remote_address: Option<String>,
    /// TLS session, if any.
    pub tls: Option<TlsAnswer>,
    /// Duration of each phase, summed over all hops.
    #[serde(serialize_with = "Timing::write")]
    #[schema(value_type = Timing)]
    pub timing: PhaseTimings,
    /// The last request that was sent.
    pub request: SentRequest,
    /// The request that was sent before the first redirect.
    #[serde(skip)]
    pub first_request: SentRequest,
    /// Headers of the last request that was sent, by name.
    pub request_headers: BTreeMap<String, String>,
    /// The last request that was sent, as text.
    pub raw_request: String,
    /// Earlier hops: redirects, and challenges that were answered.
    pub redirects: Vec<HopAnswer>,
    /// Names of undefined variables, which were sent as typed.
    pub unresolved_variables: Vec<String>,
    /// Test results of the scripts, in order.
    pub test_results: Vec<ShownTest>,
    /// Console output of the scripts.
    pub console_logs: Vec<ShownLine>,
    /// Stored variables changed by scripts, by scope: `environment`, `collectionVariables` and `globals`.
    /// `null` for a removed variable.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Value>>)]
    pub changed_variables: BTreeMap<&'static str, VariableChanges>,
    /// Name of the next request, set by a script. `null` to stop after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_request: Option<Option<String>>,
    /// Whether a script skipped the request. If so, nothing was sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// Error of the pre-request script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_script_error: Option<String>,
    /// Error of the post-request script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_script_error: Option<String>,
    /// Warnings about the request and its response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Id of the design run that stores this request.
    pub run_id: String,
}

/// Values of one header name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum HeaderValues {
    /// A single value.
    One(String),
    /// All values, in order.
    Many(Vec<String>),
}

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Sizes {
    /// Response head.
    pub head: u64,
    /// Response body as sent, without chunked framing.
    pub raw: u64,
    /// Response body without content coding.
    pub decoded: u64,
}

/// A TLS session.
#[derive(Debug, Serialize, ToSchema)]
pub struct TlsAnswer {
    /// Protocol version, for example `TLSv1_3`.
    pub version: String,
    /// Cipher suite.
    pub cipher: String,
    /// Negotiated application protocol (ALPN).
    pub alpn: Option<String>,
    /// Certificate of the server.
    pub certificate: Option<CertificateFacts>,
}

/// A request as sent.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SentRequest {
    /// Method.
    pub method: String,
    /// URL.
    pub url: String,
    /// Header lines in order, including those added by the engine.
    pub headers: Vec<(String, String)>,
    /// Body as text. Base64 if it is binary.
    pub body: String,
}

/// A hop before the last one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HopAnswer {
    /// Status code of the response.
    pub status: u16,
    /// Method.
    pub method: String,
    /// URL.
    pub url: String,
    /// `Location` of the response.
    pub location: Option<String>,
    /// Duration of each phase.
    #[serde(serialize_with = "Timing::write")]
    #[schema(value_type = Timing)]
    pub timing: PhaseTimings,
}

impl DesignAnswer {
    /// Creates the answer for a request that a script skipped.
    pub fn skipped() -> Self {
        Self {
            skipped: true,
            http_version: "",
            ..Self::default()
        }
    }

    /// Returns the `Content-Type` of the response.
    pub fn content_type(&self) -> &str {
        let is_it = |line: &&(String, String)| line.0.eq_ignore_ascii_case("content-type");
        let last = self.raw_headers.iter().rfind(is_it);
        last.map_or("", |(_, value)| value)
    }

    /// Returns the body without content coding, as bytes.
    pub fn body_bytes(&self) -> Vec<u8> {
        match &self.body_bytes {
            Some(bytes) => bytes.clone(),
            None if self.body_is_base64 => STANDARD.decode(&self.body_raw).unwrap_or_default(),
            None => self.body_raw.clone().into_bytes(),
        }
    }
}

/// Result of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownTest {
    /// The name given to `pm.test`.
    pub name: String,
    /// Whether all its assertions held. A skipped test counts as passed.
    pub passed: bool,
    /// The assertion that failed.
    pub error: Option<String>,
    /// Whether it was skipped (`pm.test.skip`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
}

/// A line written to the console by a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownLine {
    /// `log`, `info`, `warn`, `error` or `debug`.
    pub level: String,
    /// Text of the line.
    pub message: String,
    /// `pre` for the pre-request script, `post` for the post-request script.
    pub script: &'static str,
}

impl ShownTest {
    /// Creates the result of a test.
    pub fn of(result: &TestResult) -> Self {
        let (error, skipped) = match &result.outcome {
            TestOutcome::Passed => (None, false),
            TestOutcome::Failed(error) => (Some(error.clone()), false),
            TestOutcome::Skipped => (None, true),
        };
        Self {
            name: result.name.clone(),
            passed: error.is_none(),
            error,
            skipped,
        }
    }
}
