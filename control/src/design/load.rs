//! The request of a load run with its variables, authentication and body, as far
//! as they are the same for every arrival.
//!
//! What comes out is a body of `POST /run` without any of them: dynamic variables
//! stay as typed, and shards give them their values. Where every request is signed
//! on its own, what to sign with comes out beside.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;
use vayu_shared::auth::basic::basic;
use vayu_shared::auth::digest::Challenge;
use vayu_shared::http::{Endpoint, Login, Method};
use vayu_shared::request_template::MARK;
use vayu_shared::signing::Signing;
use vayu_shared::template::Template;
use vayu_shared::validate::{FieldError, Fields, body_bytes, method, path_as_is};
use vayu_worker::script::{Scopes, Scripts};

use super::auth::{Auth, Kind};
use super::body::{AllowedFiles, body};
use super::draft::boundary;
use super::failure::DesignError;
use super::hop::Hop;
use super::order::scripts;
use super::replacer::Replacer;

/// A request that is on its way to become plain.
pub struct LoadDraft {
    request: Map<String, Value>,
    /// How to authenticate; a token may have to be fetched.
    pub auth: Auth,
    /// What runs before and after each request. Where there is something, variables
    /// are left to the shards, but for where the request goes.
    pub scripts: Scripts,
    /// What to tell the user.
    pub warnings: Vec<String>,
}

impl LoadDraft {
    /// Replaces what is constant in a `request` and builds its body.
    ///
    /// # Errors
    /// The field that does not work, and why.
    pub fn new(
        request: &Map<String, Value>,
        scopes: &Scopes,
        files: &AllowedFiles,
    ) -> Result<Self, DesignError> {
        let scripts = scripts(&Fields::new(request, "request."))?;
        let is_open = !scripts.is_empty();
        let mut replacer = Replacer::later(scopes);
        let mut plain = Map::new();
        for (name, value) in request {
            let value = match name.as_str() {
                "preRequestScript" | "postRequestScript" => continue,
                // What scripts may still change is left to the shards.
                "headers" | "body" if is_open => value.clone(),
                "url" if is_open => open_url(&mut replacer, value),
                "auth" if is_open && !is_fetched(value) => value.clone(),
                _ => replacer.value(value),
            };
            plain.insert(name.clone(), value);
        }
        let auth = plain.shift_remove("auth").unwrap_or_default();
        let auth = match &auth {
            Value::Object(auth) => Auth::read(auth).map_err(within_request)?,
            // What is none is refused by who reads the rest.
            other => {
                if !other.is_null() {
                    plain.insert("auth".to_owned(), other.clone());
                }
                Auth::None
            }
        };
        let auth = match (taken_login(&mut plain), auth) {
            (Some(Login { user, password }), Auth::None) => Auth::Basic { user, password },
            (_, auth) => auth,
        };
        build_body(&mut plain, files)?;
        let unresolved = replacer.unresolved().iter();
        let warnings = unresolved
            .map(|name| format!("nobody knows the variable `{name}`; it is sent as typed"))
            .collect();
        Ok(Self {
            request: plain,
            auth,
            scripts,
            warnings,
        })
    }

    /// How the request goes out to get what is needed before load begins.
    pub fn first_hop(&self) -> Option<Hop> {
        let replaced =
            Replacer::now(&Scopes::default()).value(&Value::Object(self.request.clone()));
        as_hop(replaced.as_object()?)
    }

    /// The plain request, and what it is signed with; `fetched` is what was got
    /// beforehand. What the user wrote by hand stays.
    pub fn finish(mut self, fetched: Fetched) -> PlainRequest {
        let auth = std::mem::replace(&mut self.auth, Auth::None);
        let has_own = has_header(&self.request, "authorization");
        let is_open = !self.scripts.is_empty();
        let (mark, later): (_, fn(&str) -> Template) = match is_open {
            true => ("{{", Template::open),
            false => (MARK, Template::of_dynamic),
        };
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
            (Auth::Basic { user, password }, _)
                if [&user, &password].iter().any(|text| text.contains(mark)) =>
            {
                Some(Signing::Basic {
                    user: later(&user),
                    password: later(&password),
                })
            }
            (Auth::Aws(key), _) => Some(Signing::Aws(*key)),
            (auth, _) => {
                self.put(&auth);
                None
            }
        };
        PlainRequest {
            request: Value::Object(self.request),
            signing,
            scripts: self.scripts,
            warnings: self.warnings,
        }
    }

    fn put(&mut self, auth: &Auth) {
        match auth {
            Auth::Header(value) => propose_header(&mut self.request, "Authorization", value),
            Auth::Basic { user, password } => {
                propose_header(&mut self.request, "Authorization", &basic(user, password));
            }
            Auth::KeyHeader(name, value) => propose_header(&mut self.request, name, value),
            Auth::KeyQuery(..) => {
                // What is no request is refused by who reads the rest.
                if let Some(mut hop) = as_hop(&self.request) {
                    auth.apply(&mut hop);
                    let url = hop.shown_url().into();
                    self.request.insert("url".to_owned(), url);
                }
            }
            Auth::None | Auth::Digest { .. } | Auth::OAuth2(_) | Auth::Aws(_) => {}
        }
    }
}

/// What was got from elsewhere before a run.
pub enum Fetched {
    /// Nothing was needed, or nothing came.
    Nothing,
    /// The value of `Authorization`.
    Token(Arc<str>),
    /// What the target asks for.
    Challenge(Challenge),
}

/// The request of a load run without variables and authentication.
pub struct PlainRequest {
    /// As in a body of `POST /run`.
    pub request: Value,
    /// What each request is signed with, if it is.
    pub signing: Option<Signing>,
    /// What runs before and after each request.
    pub scripts: Scripts,
    /// What to tell the user.
    pub warnings: Vec<String>,
}

/// A URL whose variables are left, but for those of scheme, host and port: where a
/// run goes is decided before it begins.
fn open_url(replacer: &mut Replacer<'_>, url: &Value) -> Value {
    let Some(url) = url.as_str() else {
        return url.clone();
    };
    let authority = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[authority..].find(['/', '?', '#']);
    let end = end.map_or(url.len(), |end| authority + end);
    format!("{}{}", replacer.text(&url[..end]), &url[end..]).into()
}

/// Takes user and password out of the URL of a request.
fn taken_login(request: &mut Map<String, Value>) -> Option<Login> {
    let (url, login) = request.get("url")?.as_str().and_then(Login::split)?;
    request.insert("url".to_owned(), url.into());
    Some(login)
}

/// Whether something is fetched or signed with what an `auth` says.
fn is_fetched(auth: &Value) -> bool {
    let kind = auth.get("type").and_then(Value::as_str).and_then(Kind::of);
    matches!(kind, Some(Kind::Digest | Kind::OAuth2 | Kind::Aws))
}

fn has_header(request: &Map<String, Value>, name: &str) -> bool {
    let headers = request.get("headers").and_then(Value::as_object);
    let mut names = headers.into_iter().flatten().map(|(name, _)| name);
    names.any(|known| known.eq_ignore_ascii_case(name))
}

/// A plain request as a hop that sends the same bytes.
fn as_hop(request: &Map<String, Value>) -> Option<Hop> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let headers = request.get("headers").and_then(Value::as_object);
    let headers = headers.into_iter().flatten().filter_map(|(name, value)| {
        let value = value.as_str()?;
        Some((name.clone(), value.to_owned()))
    });
    let fields = Fields::new(request, "");
    let method = method(&fields).ok()?;
    let endpoint = Endpoint::parse_as_is(text("url")?);
    let as_is = endpoint
        .ok()
        .filter(|_| path_as_is(&fields).unwrap_or(false));
    let (body, _) = body_bytes(request.get("body"), method);
    Some(Hop {
        method,
        url: Url::parse(text("url")?).ok()?,
        typed_target: as_is.map(|endpoint| endpoint.path_and_query),
        headers: headers.collect(),
        body,
    })
}

/// Bodies with a `mode` become text; any other stays what it is.
fn build_body(request: &mut Map<String, Value>, files: &AllowedFiles) -> Result<(), DesignError> {
    let Some(value) = request
        .get("body")
        .filter(|body| body.get("mode").is_some())
    else {
        return Ok(());
    };
    // What is no method is refused by who reads the rest.
    let method = method(&Fields::new(request, "")).ok();
    let is_bodiless = method.is_some_and(Method::is_bodiless);
    let built = body(value, is_bodiless, files, &boundary()).map_err(within_request)?;
    let text = String::from_utf8(built.bytes).map_err(|_| {
        let problem = "holds bytes that are no text, which is not sent under load";
        DesignError::field("request.body", problem)
    })?;
    request.insert("body".to_owned(), text.into());
    if let Some(kind) = built.content_type {
        propose_header(request, "Content-Type", &kind);
    }
    Ok(())
}

fn within_request(error: FieldError) -> FieldError {
    FieldError {
        field: format!("request.{}", error.field),
        ..error
    }
}

/// Adds a header to a `request`, unless it has one of this name: what the user
/// wrote by hand stays. What are no headers is left to who reads them.
pub fn propose_header(request: &mut Map<String, Value>, name: &str, value: &str) {
    if has_header(request, name) {
        return;
    }
    let headers = request
        .entry("headers")
        .or_insert_with(|| Value::Object(Map::new()));
    if headers.is_null() {
        *headers = Value::Object(Map::new());
    }
    if let Value::Object(headers) = headers {
        headers.insert(name.to_owned(), value.into());
    }
}
