//! The response of `POST /request`: what was received, how long it took, and what was sent.

mod shown;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::content::charset;
use vayu_shared::content::coding::{self, Decoded};
use vayu_shared::phases::PhaseTimings;
use vayu_worker::single::{SingleResponse, TlsFacts};

use super::certificate::CertificateFacts;
use super::redirect_chain::{ChainStep, RedirectChain};
use super::response::ResponseHead;
use super::scripts::{ShownLine, ShownTest};
use crate::store::VariableChanges;
use crate::timing::Timing;
use shown::{Shown, ShownBody};

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

impl ChainStep {
    fn as_hop(&self) -> HopAnswer {
        HopAnswer {
            status: self.head.status,
            method: self.hop.method.to_string(),
            url: self.hop.shown_url(),
            location: self.head.first("location").map(str::to_owned),
            timing: self.outcome.outcome.phases,
        }
    }
}

impl DesignAnswer {
    /// Creates the answer from a completed chain. The run id is not set yet.
    pub fn new(mut chain: RedirectChain, body_limit: u64) -> Self {
        let mut timing = PhaseTimings::default();
        for step in &chain.steps {
            timing += step.outcome.outcome.phases;
        }
        let mut last = chain.steps.pop().expect("a chain has a hop");
        let before = chain.steps;
        let mut warnings = chain.warnings;
        let response = response_of(&mut last);
        let (head_len, raw_len) = (response.head.len() as u64, response.body.len() as u64);
        let was_cut = response.truncated;
        let decoded = decoded(&last.head, response.body, body_limit, &mut warnings);
        let (decoded_len, is_cut) = (decoded.bytes.len() as u64, decoded.truncated);
        let kind = last.head.all("content-type").last().copied();
        let shown = Shown::new(kind.unwrap_or_default(), decoded.bytes);
        let last = &last;
        let sent = SentRequest::read(last);
        let all = || before.iter().chain([last]);
        let first = all().next().map(|step| &step.hop.url);
        let same = all().take_while(|step| Some(&step.hop.url) == first);
        let first_request = same.last().map(SentRequest::read).unwrap_or_default();
        Self {
            status: last.head.status,
            status_text: last.head.reason.clone(),
            headers: by_name(&last.head.headers),
            raw_headers: last.head.headers.clone(),
            head: response.head,
            body: shown.body,
            body_raw: shown.raw,
            body_is_base64: shown.is_base64,
            body_bytes: shown.bytes,
            body_size: decoded_len,
            size: Sizes {
                head: head_len,
                raw: raw_len,
                decoded: decoded_len,
            },
            truncated: was_cut || is_cut,
            http_version: last.head.version,
            remote_address: last
                .outcome
                .outcome
                .remote
                .map(|address| address.to_string()),
            tls: last.outcome.outcome.tls.as_ref().map(TlsAnswer::new),
            timing,
            request_headers: sent.headers.iter().cloned().collect(),
            raw_request: String::from_utf8_lossy(&last.outcome.sent).into_owned(),
            request: sent,
            first_request,
            redirects: before.iter().map(ChainStep::as_hop).collect(),
            warnings,
            ..Self::default()
        }
    }

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

/// Returns the text of a response body that is parsed as part of a protocol: without content coding, at most
/// `limit` bytes.
pub fn readable(head: &ResponseHead, body: Vec<u8>, limit: u64) -> String {
    let decoded = decoded(head, body, limit, &mut Vec::new());
    let kind = head.first("content-type").unwrap_or_default();
    charset::text(kind, &decoded.bytes).into_owned()
}

fn decoded(head: &ResponseHead, body: Vec<u8>, limit: u64, warnings: &mut Vec<String>) -> Decoded {
    let as_it_is = |bytes| Decoded {
        bytes,
        truncated: false,
    };
    let coding = head.all("content-encoding").join(", ");
    if coding.is_empty() || body.is_empty() {
        return as_it_is(body);
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    coding::decode(&coding, &body, most).unwrap_or_else(|problem| {
        warnings.push(format!(
            "the body could not be decoded and is shown as received: {problem}"
        ));
        as_it_is(body)
    })
}

/// Takes the response out of a step, because bodies are large and are not copied.
fn response_of(step: &mut ChainStep) -> SingleResponse {
    let empty = SingleResponse {
        head: Vec::new(),
        body: Vec::new(),
        truncated: false,
        received: 0,
    };
    let taken = std::mem::replace(&mut step.outcome.outcome.result, Ok(empty.clone()));
    taken.unwrap_or(empty)
}

fn by_name(lines: &[(String, String)]) -> BTreeMap<String, HeaderValues> {
    let mut headers: BTreeMap<String, HeaderValues> = BTreeMap::new();
    for (name, value) in lines {
        let known = headers.remove(&name.to_ascii_lowercase());
        let values = match known {
            None => HeaderValues::One(value.clone()),
            Some(HeaderValues::One(first)) => HeaderValues::Many(vec![first, value.clone()]),
            Some(HeaderValues::Many(mut all)) => {
                all.push(value.clone());
                HeaderValues::Many(all)
            }
        };
        headers.insert(name.to_ascii_lowercase(), values);
    }
    headers
}

impl SentRequest {
    fn read(step: &ChainStep) -> Self {
        let sent = &step.outcome.sent;
        let end = sent.windows(4).position(|four| four == b"\r\n\r\n");
        let head = String::from_utf8_lossy(&sent[..end.unwrap_or(sent.len())]).into_owned();
        let lines = head.split("\r\n").skip(1);
        let body = &step.hop.body;
        Self {
            method: step.hop.method.to_string(),
            url: step.hop.shown_url(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: match std::str::from_utf8(body) {
                Ok(text) => text.to_owned(),
                Err(_) => STANDARD.encode(body),
            },
        }
    }
}

impl TlsAnswer {
    fn new(facts: &TlsFacts) -> Self {
        Self {
            version: facts.version.clone(),
            cipher: facts.cipher.clone(),
            alpn: facts.alpn.clone(),
            certificate: facts
                .certificate
                .as_deref()
                .and_then(CertificateFacts::read),
        }
    }
}
