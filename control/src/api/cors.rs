//! What lets a browser's page use the engine from another origin: the headers
//! of the CORS protocol (Fetch standard, 3.2).
//!
//! Which origins may is judged in `guard`, and nothing here is reached by any
//! other. The origin is echoed, never `*`: an answer is for the page that asked.

use actix_web::HttpResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderValue, VARY,
};

/// The methods of the API's routes.
const METHODS: &str = "GET, POST, DELETE";
/// What pages send: the body's type, the token, where a stream was broken off,
/// and a header that the Manager App puts on every call.
const HEADERS: &str = "content-type, authorization, last-event-id, ngrok-skip-browser-warning";
/// What pages may read, beside what every page may: the methods of a 405.
const EXPOSED: &str = "allow";
/// How long a browser may remember a preflight, in seconds. None keeps it longer
/// than a day, and some not longer than two hours.
const MAX_AGE_SECONDS: &str = "7200";

/// The answer to a preflight, whatever its path: the page may go on and ask.
pub fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS))
        .finish()
}

/// Lets the page read an answer. Without an `origin` no page asked; caches have
/// to know all the same that another answer would be another.
pub fn permit(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else {
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_echoed_and_caches_are_told() {
        let mut headers = HeaderMap::new();
        permit(&mut headers, None);
        assert_eq!(headers.get(VARY), Some(&HeaderValue::from_static("Origin")));
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        for origin in ["null", "http://localhost:5173"] {
            let origin = HeaderValue::from_static(origin);
            permit(&mut headers, Some(origin.clone()));
            assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN), Some(&origin));
        }
    }
}
