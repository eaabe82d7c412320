//! The outermost middleware: checks every request before its handler, and adds headers to every response.
//!
//! The order is: the guard, then preflights, which browsers send without a token, then the token. An admitted
//! page may read every response, errors included; a rejected page gets no information.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::guard::SHOWN_PATH;
use super::{ApiError, Guard, cors, guard, session};

/// The outermost middleware. The application data must contain the guard.
///
/// # Errors
/// Returns errors of the inner middleware only. Refusals become responses.
pub async fn edge(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    let Some(guard) = request.app_data::<Data<Guard>>().cloned() else {
        let error = ApiError::internal("the server was put together without a guard");
        return Ok(request.error_response(error));
    };
    if let Err(error) = guard.admit(&request) {
        let mut answer = request.error_response(error);
        protect(answer.headers_mut());
        return Ok(answer);
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let mut answer = if origin.is_some() && *request.method() == Method::OPTIONS {
        request.into_response(cors::preflight())
    } else {
        admitted(&guard, request, next).await?
    };
    cors::permit(answer.headers_mut(), origin);
    protect(answer.headers_mut());
    Ok(answer)
}

/// Handles requests with a token or a session, and logins.
async fn admitted(
    guard: &Guard,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    if session::is_login(&request) {
        return next.call(request).await;
    }
    match guard.identify(&request) {
        Ok(client) => {
            let name = client.map_or_else(|| "-".to_owned(), |client| client.name);
            let path = request.path();
            // Truncated, so that a client with the scope `read` cannot fill the log.
            let path = path.get(..SHOWN_PATH).unwrap_or(path).to_owned();
            let method = request.method().clone();
            let from = guard::peer(request.peer_addr());
            let answer = next.call(request).await?;
            // Safe methods are not logged: there are too many of them.
            if !method.is_safe() {
                let status = answer.status().as_u16();
                tracing::info!(client = name, %method, path, status, %from, "audit");
            }
            Ok(answer)
        }
        Err(error) if session::wants_page(&request) => {
            let page = session::login_page(request.path(), &error);
            Ok(request.into_response(page))
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Headers that restrict what a browser may do with a response. Pages set their own content security policy.
pub const SECURITY_HEADERS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

fn protect(headers: &mut HeaderMap) {
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
