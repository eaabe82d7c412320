//! Prepares the request of a load run: variables, authentication and body, as far as they are the same for
//! every arrival.
//!
//! The result is a plain request without them. Dynamic variables stay as typed; shards replace them for each
//! request. If every request has to be signed, the signing data is returned separately.

use serde_json::{Map, Value};
use url::Url;
use vayu_shared::auth::digest::Challenge;
use vayu_shared::body::{PlainBody, plain_body};
use vayu_shared::field_error::FieldError;
use vayu_shared::http::{Endpoint, Login};
use vayu_shared::request::signing::{RunToken, Signing};
use vayu_shared::spec::RequestSpec;
use vayu_shared::template::{Deferred, Template};
use vayu_worker::script::{Scopes, Scripts};

use super::auth::Auth;
use super::body::{AllowedFiles, BodyContext, body};
use super::design_config::scripts;
use super::failure::DesignError;
use super::headers::{describe, first, propose, wanted_boundary};
use super::hop::Hop;
use super::replacer::Replacer;
use crate::contract::{AuthType, Headers, RequestConfig, RunBody, mode_of};

/// A load request in preparation.
pub struct LoadDraft {
    /// The request without authentication, with constant variables replaced.
    request: RequestConfig,
    /// Query parameters added by authentication.
    parameters: Vec<(String, String)>,
    body: PlainBody,
    /// How to authenticate. A token may have to be fetched.
    pub auth: Auth,
    /// Scripts that run before and after each request. If there are any, variables are left to the shards,
    /// except those that determine the target.
    pub scripts: Scripts,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

impl LoadDraft {
    /// Replaces the constant parts of a request and builds its body.
    ///
    /// # Errors
    /// Returns an error that names the invalid field and the reason.
    pub fn new(
        given: &RequestConfig,
        scopes: &Scopes,
        files: &AllowedFiles,
    ) -> Result<Self, DesignError> {
        let scripts = scripts(given);
        let mut replacer = Replacer::later(scopes);
        let mut request = replaced(given, &mut replacer, !scripts.is_empty());
        let auth = request.auth.take().unwrap_or_default();
        let mut auth = Auth::read(&auth).map_err(within_request)?;
        if let Some((url, Login { user, password })) = Login::split(&request.url) {
            request.url = url;
            if matches!(auth, Auth::None) {
                auth = Auth::Basic { user, password };
            }
        }
        let left = left(&scripts);
        let body = build_body(&mut request, files, left)?;
        let unresolved = replacer.unresolved().iter();
        let warnings = unresolved
            .map(|name| format!("variable `{name}` is undefined and is sent as typed; define it in `variables`, the environment, the collection or the globals"))
            .collect();
        Ok(Self {
            request,
            parameters: Vec::new(),
            body,
            auth,
            scripts,
            warnings,
        })
    }

    /// Returns the hop sent before load begins, to obtain what authentication needs.
    pub fn first_hop(&self) -> Option<Hop> {
        let scopes = Scopes::default();
        let mut now = Replacer::now(&scopes);
        let text = String::from_utf8(self.body.bytes.clone());
        let body = text.map_or_else(|error| error.into_bytes(), |text| now.text(&text).into());
        let lines = self.request.lines().iter();
        let headers = lines.map(|(name, value)| (now.text(name), now.line(value)));
        let request = RequestConfig {
            headers: Some(Headers(headers.collect())),
            url: now.text(&self.request.url),
            ..self.request.clone()
        };
        as_hop(&request, body)
    }

    /// Returns the plain request and its signing data. `fetched` is what was obtained beforehand. Headers
    /// written by the user take precedence.
    ///
    /// # Errors
    /// Returns an error for the first field that is not valid HTTP.
    pub fn finish(mut self, fetched: Fetched) -> Result<PlainRequest, DesignError> {
        let auth = std::mem::replace(&mut self.auth, Auth::None);
        let has_own = first(self.request.lines(), "authorization").is_some();
        let left = left(&self.scripts);
        let is_left = |text: &str| Template::with(text, left).constant().is_none();
        let signing = match (auth, fetched) {
            _ if has_own => None,
            (_, Fetched::Token(token)) => Some(Signing::Token(token)),
            (Auth::Digest { user, password }, fetched) => Some(Signing::Digest {
                user,
                password,
                challenge: match fetched {
                    Fetched::Challenge(challenge) => Some(challenge),
                    _ => None,
                },
            }),
            (Auth::Basic { user, password }, _) if is_left(&user) || is_left(&password) => {
                Some(Signing::Basic {
                    user: Template::with(&user, left),
                    password: Template::with(&password, left),
                })
            }
            (Auth::Aws(key), _) => Some(Signing::Aws(*key)),
            (auth, _) => {
                self.put(&auth);
                None
            }
        };
        let mut warnings = self.warnings;
        let request = self.request;
        let mut request = request.spec(self.body, RunBody::REQUEST, &mut warnings)?;
        let own = self.parameters.into_iter();
        let own = own.filter(|(name, _)| !request.endpoint.has_parameter(name));
        request.parameters = own.collect();
        Ok(PlainRequest {
            request,
            signing,
            scripts: self.scripts,
            warnings,
        })
    }

    fn put(&mut self, auth: &Auth) {
        if let Some((name, value)) = auth.header() {
            let headers = self.request.headers.get_or_insert_default();
            propose(&mut headers.0, &name, &value);
        }
        if let Auth::KeyQuery(name, value) = auth {
            self.parameters.push((name.clone(), value.clone()));
        }
    }
}

/// Authentication data obtained before a run.
pub enum Fetched {
    /// Nothing was needed, or nothing was received.
    Nothing,
    /// An access token.
    Token(RunToken),
    /// The challenge of the target.
    Challenge(Challenge),
}

/// The request of a load run without variables and authentication.
pub struct PlainRequest {
    /// The request. Dynamic variables stay as typed.
    pub request: RequestSpec,
    /// How each request is signed, if at all.
    pub signing: Option<Signing>,
    /// Scripts that run before and after each request.
    pub scripts: Scripts,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

/// Replaces the variables of a request. Parts that scripts may still change (`is_open`) are left to the
/// shards.
fn replaced(given: &RequestConfig, replacer: &mut Replacer<'_>, is_open: bool) -> RequestConfig {
    let lines = given.lines().iter();
    let auth = given.auth.as_ref();
    RequestConfig {
        method: replacer.text(&given.method),
        url: match is_open {
            true => open_url(replacer, given.url.trim()),
            false => replacer.text(given.url.trim()),
        },
        headers: Some(Headers(match is_open {
            true => lines.cloned().collect(),
            false => lines
                .map(|(name, value)| (replacer.text(name), replacer.text(value)))
                .collect(),
        })),
        body: match is_open {
            true => given.body.clone(),
            false => replacer.value(&given.body),
        },
        auth: auth.map(|auth| match is_open && !is_fetched(auth) {
            true => auth.clone(),
            false => replacer.object(auth),
        }),
        ..given.clone()
    }
}

/// Replaces the variables in scheme, host and port of a URL only: the target of a run is fixed before it
/// begins.
fn open_url(replacer: &mut Replacer<'_>, url: &str) -> String {
    let authority = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[authority..].find(['/', '?', '#']);
    let end = end.map_or(url.len(), |end| authority + end);
    format!("{}{}", replacer.text(&url[..end]), &url[end..])
}

/// Returns whether an `auth` object is used to fetch something or to sign.
fn is_fetched(auth: &Map<String, Value>) -> bool {
    let kind = auth.get("type").and_then(Value::as_str);
    matches!(
        kind.and_then(AuthType::of),
        Some(AuthType::Digest | AuthType::OAuth2 | AuthType::Aws)
    )
}

/// Converts a plain request to a hop that sends the same bytes.
fn as_hop(request: &RequestConfig, body: Vec<u8>) -> Option<Hop> {
    let url = request.url("").ok()?;
    let as_is = Endpoint::parse_as_is(url).ok();
    let as_is = as_is.filter(|_| request.path_as_is());
    Some(Hop {
        method: request.method("").ok()?,
        url: Url::parse(url).ok()?,
        typed_target: as_is.map(|endpoint| endpoint.path_and_query),
        headers: request.lines().to_vec(),
        body,
    })
}

/// Returns which variables the shards replace. With scripts, all of them.
fn left(scripts: &Scripts) -> Deferred {
    match scripts.is_empty() {
        true => Deferred::Dynamic,
        false => Deferred::All,
    }
}

/// Builds a body. A body with a `mode` adds the headers it needs to the request.
fn build_body(
    request: &mut RequestConfig,
    files: &AllowedFiles,
    left: Deferred,
) -> Result<PlainBody, DesignError> {
    let method = request.method(RunBody::REQUEST)?;
    let given = std::mem::take(&mut request.body);
    if mode_of(&given).is_none() {
        let path = format!("{}.body", RunBody::REQUEST);
        return Ok(plain_body(&given, method, &path)?);
    }
    let lines = &mut request.headers.get_or_insert_default().0;
    let context = BodyContext::later(method.is_bodiless(), files, wanted_boundary(lines), left);
    let built = body(&given, &context).map_err(within_request)?;
    describe(lines, &built);
    Ok(PlainBody {
        bytes: built.bytes,
        content_type: None,
        parts: built.parts,
    })
}

fn within_request(error: FieldError) -> FieldError {
    FieldError {
        field: format!("{}.{}", RunBody::REQUEST, error.field),
        ..error
    }
}
