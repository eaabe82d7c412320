//! Builds requests: from the specification to the bytes on the wire.
//!
//! A [`RequestTemplate`] has a method, a target, headers and a body, each constant or with variables, and
//! whether it is signed. It is built once and is independent of the protocol. An encoder writes it for one
//! protocol: [`http1`] for HTTP/1.1. A constant request is encoded once; any other is rendered into a reused
//! buffer. Values cannot break out of their position: they are escaped as the position requires (`escape`).

mod escape;
mod form;
pub mod http1;
mod pieces;
pub mod signing;
mod target;

pub use escape::in_line;
pub use form::urlencoded;

use crate::dynamic::DynamicSource;
use crate::http::{Header, Method};
use crate::spec::RequestSpec;
use crate::template::{Deferred, Render, Template, Variables};
use escape::verbatim;
use pieces::{Piece, pieces};
use signing::Signing;

/// A compiled request. See the module documentation.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    method: Method,
    /// The value of `Host`, unless the user sets one.
    authority: String,
    /// Path and query.
    target: Template,
    /// Parameters appended to the query.
    parameters: Template,
    /// Header lines of the user, in order.
    headers: Vec<(String, Template)>,
    /// The `Content-Type` that matches the body, unless the user sets one.
    content_type: Option<&'static str>,
    body: Vec<Piece>,
    is_signed: bool,
}

impl RequestTemplate {
    /// Creates the template of a request. `left` selects the variables that are substituted at rendering.
    #[must_use]
    pub fn new(request: &RequestSpec, left: Deferred) -> Self {
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

    /// Returns the template, marked for signing unless it has its own `Authorization`. Removes the user's
    /// headers that the signature replaces.
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

    /// Returns whether the request is signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// Returns whether the request is the same every time.
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

/// Renders the body of a request with the current values of its variables.
#[must_use]
pub fn body_of(request: &RequestSpec, values: Values<'_>) -> Vec<u8> {
    let (mut value, mut out) = (Vec::new(), Vec::new());
    let mut render = Render {
        source: values.source,
        unix_ns: values.unix_ns,
        variables: values.variables,
        scratch: &mut value,
        write: verbatim,
        write_variable: verbatim,
        write_name: verbatim,
    };
    for piece in RequestTemplate::new(request, Deferred::All).body {
        piece.render(&mut render, &mut out);
    }
    out
}

/// Sources of variable values.
pub struct Values<'a> {
    /// Source of dynamic variables.
    pub source: &'a mut DynamicSource,
    /// The time of the request, in nanoseconds since 1970 UTC.
    pub unix_ns: u64,
    /// Source of the user's variables.
    pub variables: &'a dyn Variables,
}

fn names(headers: &[Header], name: &str) -> bool {
    headers.iter().any(|header| header.is(name))
}

fn value_of<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.is(name));
    header.map(|header| header.value.as_str())
}
