//! CORS headers (Fetch standard, 3.2), which let pages of other origins use the engine.
//!
//! `guard` decides which origins are allowed; requests of other origins never get here. The origin is echoed
//! and never `*`: a response is for the page that sent the request.

use actix_web::HttpResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderValue, VARY,
};

/// The methods of the API's routes.
const METHODS: &str = "GET, POST, DELETE";
/// Request headers that pages send: the body's type, the token, the position in an interrupted stream, and a
/// header that the Manager App adds to every call.
const HEADERS: &str = "content-type, authorization, last-event-id, ngrok-skip-browser-warning";
/// Response headers exposed to pages, in addition to the safelisted ones: the allowed methods of a 405.
const EXPOSED: &str = "allow";
/// Lifetime of a cached preflight, in seconds. Browsers cap it at one day, some at two hours.
const MAX_AGE_SECONDS: &str = "7200";

/// Returns the response to a preflight, for any path.
pub fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS))
        .finish()
}

/// Lets the page read the response. Without an `origin` no page sent the request, but `Vary` is still needed,
/// because caches must know that the response depends on the origin.
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
