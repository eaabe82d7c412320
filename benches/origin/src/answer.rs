//! Well-behaved responses that are written immediately and in full.

use serde_json::{Value, json};

use crate::head::{Framing, Head, reason};
use crate::reply::{After, Reply};
use crate::request::{Request, RequestError};
use crate::route_table::route_help;

/// `/status/{code}`. 204 and 304 cannot have a body.
pub(crate) fn status(reply: Reply<'_>, out: &mut Vec<u8>, status: u16) -> After {
    if matches!(status, 204 | 304) {
        reply.head(out, Head::new(status, Framing::NoBody));
        return reply.after();
    }
    // 205 has a Content-Length but no content either.
    let body = if status == 205 {
        String::new()
    } else {
        format!("{status} {}\n", reason(status))
    };
    reply.text(out, status, &body)
}

/// `/close`: closing the connection ends the body, or follows a body with Content-Length.
pub(crate) fn close(reply: Reply<'_>, out: &mut Vec<u8>, with_length: bool) -> After {
    let reply = reply.closing();
    if with_length {
        return reply.fixed(out);
    }
    let body = reply.local.shared.fixed.body();
    reply.head(out, Head::new(200, Framing::UntilClose));
    reply.body(out, body);
    After::Close
}

/// `/close-after/{n}`: closes the connection without announcing it to the client.
pub(crate) fn close_after(reply: Reply<'_>, out: &mut Vec<u8>, answers: u64) -> After {
    match reply.fixed(out) {
        After::Continue => After::CloseAfterResponses(answers),
        asked => asked,
    }
}

/// `/echo`: returns the request body, and the method, path and header count in headers.
pub(crate) fn echo(reply: Reply<'_>, out: &mut Vec<u8>, request: &Request<'_, '_>) -> After {
    let headers = request.headers.len().to_string();
    let extra: [(&str, &[u8]); 3] = [
        ("x-method", request.method_name.as_bytes()),
        ("x-path", request.target.as_bytes()),
        ("x-headers-count", headers.as_bytes()),
    ];
    let head = Head {
        content_type: request.header("content-type").unwrap_or_default(),
        extra: &extra,
        ..Head::new(200, Framing::Length(request.body.length() as u64))
    };
    reply.head(out, head);
    if reply.has_body() {
        request.body.append_to(out);
    }
    reply.after()
}

/// `/headers`: returns the request head as JSON.
pub(crate) fn headers(reply: Reply<'_>, out: &mut Vec<u8>, request: &Request<'_, '_>) -> After {
    let pairs = request.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value);
        json!([header.name, value])
    });
    let value = json!({
        "method": request.method_name,
        "path": request.target,
        "headers": pairs.collect::<Value>(),
    });
    json(reply, out, &value)
}

/// Writes a JSON document.
pub(crate) fn json(reply: Reply<'_>, out: &mut Vec<u8>, value: &Value) -> After {
    let head = Head {
        content_type: b"application/json",
        ..Head::new(200, Framing::NoBody)
    };
    reply.whole(out, head, value.to_string().as_bytes())
}

/// `/early-hints`: sends an interim response before the final one.
pub(crate) fn early_hints(reply: Reply<'_>, out: &mut Vec<u8>) -> After {
    out.extend_from_slice(
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n",
    );
    reply.fixed(out)
}

/// `/no-keepalive`: responds as an HTTP/1.0 server.
pub(crate) fn no_keepalive(reply: Reply<'_>, out: &mut Vec<u8>) -> After {
    let head = Head {
        minor_version: 0,
        ..Head::new(200, Framing::NoBody)
    };
    let body = reply.local.shared.fixed.body();
    reply.closing().whole(out, head, body)
}

/// `/stats/reset` and `/arrivals/start` with a method other than POST.
pub(crate) fn method_not_allowed(reply: Reply<'_>, out: &mut Vec<u8>) -> After {
    let head = Head {
        extra: &[("Allow", b"POST")],
        ..Head::new(405, Framing::NoBody)
    };
    reply.whole(
        out,
        head,
        b"method not allowed: this route changes the origin; use POST",
    )
}

/// A known route with a missing or invalid parameter.
pub(crate) fn bad_value(reply: Reply<'_>, out: &mut Vec<u8>) -> After {
    let body = format!(
        "the parameter of this route is missing or out of range; see its usage:\n\n{}",
        route_help()
    );
    reply.text(out, 400, &body)
}

/// An unknown route.
pub(crate) fn unknown(reply: Reply<'_>, out: &mut Vec<u8>) -> After {
    let body = format!("no such route; available routes:\n\n{}", route_help());
    reply.text(out, 404, &body)
}

/// A malformed or oversized request.
pub(crate) fn refused(reply: Reply<'_>, out: &mut Vec<u8>, refusal: RequestError) -> After {
    let body = format!("{}\n", refusal.reason());
    reply.text(out, refusal.status(), &body)
}
