//! A request from its specification to its bytes.
//!
//! A [`RequestTemplate`] has a method, a target, headers and a body, each constant or with places
//! for values, and what to sign it with. It is built once and knows no protocol. An encoder
//! writes it for one: [`http1`] for HTTP/1.1. A request that is the same every time becomes bytes
//! once; any other is rendered into a buffer that is used again. Values cannot leave their place:
//! they are escaped as the place asks for it (`escape`).

mod escape;
pub mod http1;
mod pieces;
pub mod signing;
mod target;

pub use escape::{encode_form, in_line};

use crate::dynamic::DynamicSource;
use crate::http::{Header, Method};
use crate::spec::RequestSpec;
use crate::template::{Left, Render, Template, Variables};
use escape::plainly;
use pieces::{Piece, pieces};
use signing::Signing;

/// See the module.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    method: Method,
    /// The value of `Host`, where the user names none.
    authority: String,
    /// Path and query.
    target: Template,
    /// What is added to the query.
    parameters: Template,
    /// Header lines of the user, in order.
    headers: Vec<(String, Template)>,
    /// The `Content-Type` that goes with the body, if the user named none.
    content_type: Option<&'static str>,
    body: Vec<Piece>,
    is_signed: bool,
}

impl RequestTemplate {
    /// The template of a request; `left` says which of its variables are given their values when
    /// it is rendered.
    #[must_use]
    pub fn new(request: &RequestSpec, left: Left) -> Self {
        let headers = request.headers.iter();
        let content_type = request
            .content_type
            .filter(|_| !names(&request.headers, "content-type"));
        let kind = content_type.or_else(|| value_of(&request.headers, "content-type"));
        Self {
            method: request.method,
            authority: request.endpoint.authority.clone(),
            target: target::of(request, left),
            parameters: target::parameters(request, left),
            headers: headers
                .map(|Header { name, value }| (name.clone(), Template::with(value, left)))
                .collect(),
            content_type,
            body: pieces(
                &request.body,
                &request.body_parts,
                &kind.unwrap_or_default().to_ascii_lowercase(),
                left,
            ),
            is_signed: false,
        }
    }

    /// The same, to be signed; one that has an `Authorization` of its own is left as it is. What
    /// the signature says itself takes the place of the user's lines of the same names.
    #[must_use]
    pub fn signed(mut self, signing: &Signing) -> Self {
        self.is_signed = !self.has("authorization");
        if self.is_signed {
            let own = signing.own_headers();
            let is_own = |name: &str| own.iter().any(|own| own.eq_ignore_ascii_case(name));
            self.headers.retain(|(name, _)| !is_own(name));
        }
        self
    }

    /// Whether it is to be signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// Whether it is the same every time.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        let head = self.headers.iter().map(|(_, value)| value);
        !self.is_signed
            && head
                .chain([&self.target, &self.parameters])
                .all(|part| part.constant().is_some())
            && self.body.iter().all(Piece::is_constant)
    }

    fn has(&self, name: &str) -> bool {
        let mut headers = self.headers.iter();
        headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

/// The body of a request with the values that its variables have now.
#[must_use]
pub fn body_of(request: &RequestSpec, values: Values<'_>) -> Vec<u8> {
    let (mut value, mut out) = (Vec::new(), Vec::new());
    let mut render = Render {
        source: values.source,
        unix_ns: values.unix_ns,
        variables: values.variables,
        scratch: &mut value,
        write: plainly,
        write_variable: plainly,
        write_name: plainly,
    };
    for piece in RequestTemplate::new(request, Left::All).body {
        piece.render(&mut render, &mut out);
    }
    out
}

/// Where the values of variables come from.
pub struct Values<'a> {
    /// The dynamic ones.
    pub source: &'a mut DynamicSource,
    /// The time of the request, in nanoseconds since 1970 UTC.
    pub unix_ns: u64,
    /// The user's.
    pub variables: &'a dyn Variables,
}

fn names(headers: &[Header], name: &str) -> bool {
    headers.iter().any(|header| header.is(name))
}

fn value_of<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.is(name));
    header.map(|header| header.value.as_str())
}
