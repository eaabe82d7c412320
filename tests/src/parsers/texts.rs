//! User-written strings: durations, variables, and API request bodies.

use std::collections::BTreeSet;

use vayu_control::contract::{CollectionEdit, Defaults, RequestEdit, read_edit, run_spec};
use vayu_shared::dynamic::DynamicSource;
use vayu_shared::http::{Endpoint, Header, Method};
use vayu_shared::request::http1::{Encoder, Scratch};
use vayu_shared::request::{RequestTemplate, Values};
use vayu_shared::spec::RequestSpec;
use vayu_shared::template::{Deferred, Template, Variables};
use vayu_shared::units::{MICROSECOND, MILLISECOND, SECOND, format_duration, parse_duration};

const NOW_NS: u64 = 1_700_000_000_000_000_000;

/// A formatted duration parses back to the same duration, to the precision of the format.
pub fn duration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(nanos) = parse_duration(text) else {
        return;
    };
    let written = format_duration(nanos);
    let read = parse_duration(&written).expect("what was written of a duration");
    let digits = if nanos > SECOND {
        MILLISECOND
    } else {
        MICROSECOND
    };
    assert!(
        read.abs_diff(nanos) < digits,
        "{text:?} is {nanos} ns, written {written:?}"
    );
}

/// Bodies of `POST /run` and of the workspace are accepted or rejected, and a rejection names a field and has
/// a message.
pub fn run_body(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(value) = serde_json::from_str(text) else {
        return;
    };
    if let Err(error) = run_spec(&value, &Defaults::default()) {
        assert!(
            !error.field.is_empty() && !error.problem.is_empty(),
            "{error:?}"
        );
    }
    let _ = read_edit::<CollectionEdit>(&value, text);
    let _ = read_edit::<RequestEdit>(&value, text);
}

/// Variables that reference each other in a cycle.
struct Circle;

impl Variables for Circle {
    fn get(&self, name: &str) -> Option<String> {
        match name {
            "a" => Some("<{{b}}>".to_owned()),
            "b" => Some("{{a}}{{c}}".to_owned()),
            "c" => Some("{{".to_owned()),
            _ => None,
        }
    }
}

/// A string without variables renders to itself, cyclic variables terminate, and a request with variables
/// renders to a valid request.
pub fn template(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let compiled = Template::compile(text, &Circle, &mut BTreeSet::new());
        let rendered = compiled.render_text(&mut DynamicSource::new(1), NOW_NS);
        assert!(
            text.contains("{{") || rendered == text,
            "{rendered:?} of {text:?}"
        );
    }
    let text = String::from_utf8_lossy(bytes);
    let url = format!("http://h/{text}");
    let Ok(endpoint) = Endpoint::parse(&url) else {
        return;
    };
    let request = RequestSpec {
        headers: Header::new("X", &text).into_iter().collect(),
        body: bytes.to_vec(),
        ..RequestSpec::new(Method::Post, &url, endpoint)
    };
    for left in [Deferred::Nothing, Deferred::Dynamic, Deferred::All] {
        let rendered = rendered(&RequestTemplate::new(&request, left));
        assert!(has_request_line(&rendered), "{}", rendered.escape_ascii());
    }
}

fn rendered(template: &RequestTemplate) -> Vec<u8> {
    let mut out = Vec::new();
    let values = Values {
        source: &mut DynamicSource::new(1),
        unix_ns: NOW_NS,
        variables: &Circle,
    };
    Encoder::new(template, true).render(values, None, &mut Scratch::default(), &mut out);
    out
}

/// Returns whether the head is terminated and its first line contains only printable ASCII characters and
/// spaces.
fn has_request_line(bytes: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let line = bytes.windows(2).position(|two| two == b"\r\n");
    bytes.windows(4).any(|four| four == b"\r\n\r\n")
        && line.is_some_and(|end| bytes[..end].iter().all(is_plain))
}
