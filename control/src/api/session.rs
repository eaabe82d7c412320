//! `POST` and `DELETE` of `/session`, and the login page. A browser cannot send a token with a page or an
//! `EventSource`, so it gets a cookie in exchange for the token.

use actix_web::body::BoxBody;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION,
};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ErrorBody;
use super::guard::{Guard, bearer, peer};
use super::{ApiError, body};
use crate::access::{ApiClient, SESSION_SECONDS, SessionKey};

/// The login page loads nothing and submits its form to the engine only.
const PAGE_POLICY: &str =
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Maximum size of the login form in bytes.
const FORM_BYTES: usize = 8 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// A started session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BegunSession {
    /// Name of the token.
    name: String,
    /// Scope of the token: `read`, `run` or `admin`.
    scope: &'static str,
    /// Lifetime of the session in seconds.
    expires_in_seconds: u64,
}

/// Fields of the login form.
struct Login {
    token: String,
    next: String,
}

/// Returns whether a request starts a session, for which it needs none.
pub fn is_login(request: &ServiceRequest) -> bool {
    request.path() == "/session" && *request.method() == Method::POST
}

/// Returns whether a browser requests a page.
pub fn wants_page(request: &ServiceRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accepts_pages = accept.is_some_and(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.contains("text/html"))
    });
    *request.method() == Method::GET && accepts_pages && request.path().starts_with("/docs")
}

/// Returns a page that asks for a token and then redirects to `next`.
pub fn login_page(next: &str, error: &ApiError) -> HttpResponse {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Vayu Engine</title>\
         <h1>Vayu Engine</h1><p role=alert>{}</p>\
         <form method=post action=/session><label>Token <input name=token type=password autofocus required></label>\
         <input type=hidden name=next value=\"{}\"><button>Begin a session</button></form></html>",
        escaped(error.message()),
        escaped(next)
    );
    let mut response = error.error_response().set_body(BoxBody::new(page));
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// Start a browser session
///
/// Needs a token (`Authorization: Bearer`). The response sets a cookie that replaces the token on the
/// engine's own pages and streams.
#[utoipa::path(post, path = "/session", operation_id = "beginSession", tag = "Engine",
    responses((status = 200, description = "The cookie is set", body = BegunSession),
              (status = 401, description = "There is no token, or a wrong one", body = ErrorBody)))]
pub async fn begin(
    guard: Data<Guard>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(FORM.as_bytes()));
    if is_form {
        return Ok(log_in(&guard, &request, payload).await);
    }
    let token = bearer(request.headers()).ok_or_else(ApiError::unauthorized)?;
    let client = find(&guard, &request, token)?;
    let key = guard.access.begin_session(client.clone());
    Ok(HttpResponse::Ok()
        .cookie(cookie(&guard, key.text(), SESSION_SECONDS))
        .json(BegunSession {
            name: client.name,
            scope: client.scope.name(),
            expires_in_seconds: SESSION_SECONDS,
        }))
}

/// Handles the login form: redirects to its target, or returns the login page again.
async fn log_in(guard: &Guard, request: &HttpRequest, payload: Payload) -> HttpResponse {
    let login = match read_form(payload).await {
        Ok(login) => login,
        Err(error) => return login_page("/docs/", &error),
    };
    // Redirects only to the engine's own pages, not to another site.
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let is_page = login.next.starts_with("/docs") && login.next.chars().all(is_plain);
    let next = match is_page {
        true => login.next.as_str(),
        false => "/docs/",
    };
    let begun: Result<SessionKey, ApiError> =
        find(guard, request, login.token.trim()).map(|client| guard.access.begin_session(client));
    match begun {
        Ok(key) => HttpResponse::SeeOther()
            .cookie(cookie(guard, key.text(), SESSION_SECONDS))
            .insert_header((LOCATION, next))
            .finish(),
        Err(error) => login_page(next, &error),
    }
}

async fn read_form(payload: Payload) -> Result<Login, ApiError> {
    let bytes = body::read_up_to(payload, FORM_BYTES).await?;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    Ok(Login {
        token: field("token"),
        next: field("next"),
    })
}

fn find(guard: &Guard, request: &HttpRequest, token: &str) -> Result<ApiClient, ApiError> {
    if !guard.access.requires_token() {
        let problem = "this engine has no tokens configured, so it needs no session";
        return Err(ApiError::invalid(problem));
    }
    let from = peer(request.peer_addr());
    let client = guard.access.by_token(token, from)?;
    tracing::info!(client = client.name, %from, "audit: a session begins");
    Ok(client)
}

/// End a browser session
///
/// The cookie becomes invalid and is removed from the browser.
#[utoipa::path(delete, path = "/session", operation_id = "endSession", tag = "Engine",
    responses((status = 204, description = "There is none any more")))]
pub async fn end(guard: Data<Guard>, request: HttpRequest) -> HttpResponse {
    if let Some(cookie) = request.cookie(&guard.cookie_name()) {
        guard.access.end_session(cookie.value());
    }
    HttpResponse::NoContent()
        .cookie(cookie(&guard, "", 0))
        .finish()
}

/// Creates a cookie that scripts cannot read and that pages of other sites cannot send.
fn cookie(guard: &Guard, value: &str, seconds: u64) -> Cookie<'static> {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Cookie::build(guard.cookie_name(), value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(guard.is_encrypted)
        .max_age(CookieDuration::seconds(seconds))
        .finish()
}
