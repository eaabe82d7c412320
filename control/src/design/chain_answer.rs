//! Builds the answer of a design request from its redirect chain.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vayu_shared::phases::PhaseTimings;
use vayu_worker::single::{SingleResponse, TlsFacts};

use super::answer::shown::Shown;
use super::answer::{DesignAnswer, HeaderValues, HopAnswer, SentRequest, Sizes, TlsAnswer};
use super::certificate::CertificateFacts;
use super::redirect_chain::{ChainStep, RedirectChain};
use super::response::decoded;

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
