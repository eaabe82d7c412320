//! Dispatches a request: parses the route, counts the request, and calls the module that writes the response.
//! It does not send and does not wait.

use crate::method::Method;
use crate::reply::{After, Reply};
use crate::request::Request;
use crate::route::{Job, Route};
use crate::state::Local;
use crate::{answer, fault};

/// Result of dispatching a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'a> {
    /// The response is written.
    Written(After),
    /// The response takes time or does not fit into a buffer.
    Pending(Job, Reply<'a>),
}

/// Counts a request and writes its response to `out`, or returns the job that sends it.
pub(crate) fn dispatch<'a>(
    request: &Request<'_, '_>,
    out: &mut Vec<u8>,
    local: &'a Local,
) -> Outcome<'a> {
    let (path, query) = request.path_and_query();
    let route = Route::parse(path, query);
    if route.is_counted() {
        local
            .counters()
            .received(route, request.method, request.body.length());
    }
    let reply = Reply::new(request, route.is_counted(), local);
    if route.needs_post() && request.method != Method::Post {
        return Outcome::Written(answer::method_not_allowed(reply, out));
    }
    Outcome::Written(match route {
        Route::Job(job) => return Outcome::Pending(job, reply),
        Route::Fault(fault) => fault::write(fault, reply, out),
        Route::Root => {
            local.record_arrival();
            reply.fixed(out)
        }
        Route::Status(status) => answer::status(reply, out, status),
        Route::Close { with_length } => answer::close(reply, out, with_length),
        Route::CloseAfter(answers) => answer::close_after(reply, out, answers),
        Route::Echo => answer::echo(reply, out, request),
        Route::Headers => answer::headers(reply, out, request),
        Route::EarlyHints => answer::early_hints(reply, out),
        Route::NoKeepalive => answer::no_keepalive(reply, out),
        Route::Stats => answer::json(reply, out, &local.shared.counters().to_json()),
        Route::StatsReset => {
            local.shared.reset_counters();
            reply.text(out, 200, "reset\n")
        }
        Route::Arrivals => answer::json(reply, out, &local.shared.arrivals_report()),
        Route::ArrivalsStart => {
            local.shared.start_arrivals();
            reply.text(out, 200, "recording\n")
        }
        Route::BadValue => answer::bad_value(reply, out),
        Route::Unknown => answer::unknown(reply, out),
    })
}
