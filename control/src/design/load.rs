//! The request of a load run with its variables, authentication and body, as far
//! as they are the same for every arrival.
//!
//! What comes out is a body of `POST /run` without any of them: dynamic variables
//! stay as typed, and shards give them their values. Where every request is signed
//! on its own, what to sign with comes out beside.

use serde_json::{Map, Value};
use url::Url;
use vayu_shared::auth::digest::Challenge;
use vayu_shared::body::{BodyPart, as_base64, plain_body};
use vayu_shared::http::{Endpoint, Login, Method};
use vayu_shared::request_template::MARK;
use vayu_shared::signing::{RunToken, Signing};
use vayu_shared::template::Template;
use vayu_shared::validate::{FieldError, Fields, REQUEST_FIELDS, method, path_as_is};
use vayu_worker::script::{Scopes, Scripts};

use super::auth::{Auth, Kind};
use super::body::{AllowedFiles, Way, body};
use super::failure::DesignError;
use super::headers::{Lines, describe, first, propose, to_json, wanted_boundary};
use super::hop::Hop;
use super::order::{headers, scripts};
use super::replacer::Replacer;

/// A request that is on its way to become plain.
pub struct LoadDraft {
    /// What is left of the request, without its headers.
    request: Map<String, Value>,
    headers: Lines,
    /// How values are written into the body; none where its JSON says so.
    body_parts: Option<Vec<BodyPart>>,
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
        let scripts = scripts(&Fields::new(request, "request.", &[&REQUEST_FIELDS]))?;
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
        let mut lines = headers(&Fields::new(&plain, "request.", &[&REQUEST_FIELDS]))?;
        plain.shift_remove("headers");
        let body_parts = build_body(&mut plain, &mut lines, files)?;
        let unresolved = replacer.unresolved().iter();
        let warnings = unresolved
            .map(|name| format!("nobody knows the variable `{name}`; it is sent as typed"))
            .collect();
        Ok(Self {
            request: plain,
            headers: lines,
            body_parts,
            auth,
            scripts,
            warnings,
        })
    }

    /// How the request goes out to get what is needed before load begins.
    pub fn first_hop(&self) -> Option<Hop> {
        let replaced = Replacer::now(&Scopes::default()).value(&self.whole());
        as_hop(replaced.as_object()?)
    }

    /// The request with its headers.
    fn whole(&self) -> Value {
        let mut request = self.request.clone();
        request.insert("headers".to_owned(), to_json(&self.headers));
        Value::Object(request)
    }

    /// The plain request, and what it is signed with; `fetched` is what was got
    /// beforehand. What the user wrote by hand stays.
    pub fn finish(mut self, fetched: Fetched) -> PlainRequest {
        let auth = std::mem::replace(&mut self.auth, Auth::None);
        let has_own = first(&self.headers, "authorization").is_some();
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
            request: self.whole(),
            body_parts: self.body_parts,
            signing,
            scripts: self.scripts,
            warnings: self.warnings,
        }
    }

    fn put(&mut self, auth: &Auth) {
        if let Some((name, value)) = auth.header() {
            propose(&mut self.headers, &name, &value);
        }
        // What is no request is refused by who reads the rest.
        if let Auth::KeyQuery(..) = auth
            && let Some(mut hop) = self.whole().as_object().and_then(as_hop)
        {
            auth.apply(&mut hop);
            let url = hop.shown_url().into();
            self.request.insert("url".to_owned(), url);
        }
    }
}

/// What was got from elsewhere before a run.
pub enum Fetched {
    /// Nothing was needed, or nothing came.
    Nothing,
    /// A token.
    Token(RunToken),
    /// What the target asks for.
    Challenge(Challenge),
}

/// The request of a load run without variables and authentication.
pub struct PlainRequest {
    /// As in a body of `POST /run`.
    pub request: Value,
    /// How values are written into its body; none where its JSON says so.
    pub body_parts: Option<Vec<BodyPart>>,
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

/// A plain request as a hop that sends the same bytes.
fn as_hop(request: &Map<String, Value>) -> Option<Hop> {
    let fields = Fields::new(request, "", &[&REQUEST_FIELDS]);
    let method = method(&fields).ok()?;
    let url = fields.string("url").ok()??;
    let as_is = Endpoint::parse_as_is(url).ok();
    let as_is = as_is.filter(|_| path_as_is(&fields).unwrap_or(false));
    Some(Hop {
        method,
        url: Url::parse(url).ok()?,
        typed_target: as_is.map(|endpoint| endpoint.path_and_query),
        headers: headers(&fields).ok()?,
        body: plain_body(request.get("body"), method, "body").ok()?.bytes,
    })
}

/// Builds a body with a `mode` and gives the request the headers it needs: text stays
/// text, other bytes become base64. Any other body stays what it is.
fn build_body(
    request: &mut Map<String, Value>,
    lines: &mut Lines,
    files: &AllowedFiles,
) -> Result<Option<Vec<BodyPart>>, DesignError> {
    let Some(value) = request
        .get("body")
        .filter(|body| body.get("mode").is_some())
    else {
        return Ok(None);
    };
    // What is no method is refused by who reads the rest.
    let method = method(&Fields::new(request, "", &[&REQUEST_FIELDS])).ok();
    let is_bodiless = method.is_some_and(Method::is_bodiless);
    let way = Way::later(is_bodiless, files, wanted_boundary(lines));
    let mut built = body(value, &way).map_err(within_request)?;
    let parts = std::mem::take(&mut built.parts);
    describe(lines, &built);
    let plain = match String::from_utf8(built.bytes) {
        Ok(text) => text.into(),
        Err(bytes) => as_base64(bytes.as_bytes()),
    };
    request.insert("body".to_owned(), plain);
    Ok(Some(parts))
}

fn within_request(error: FieldError) -> FieldError {
    FieldError {
        field: format!("request.{}", error.field),
        ..error
    }
}
