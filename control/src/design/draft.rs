//! Builds the first hop of a design request: replaces variables, builds the body, reads the connection options.

use serde_json::{Map, Value};
use url::Url;
use vayu_shared::body::TEXT;
use vayu_shared::connection::ConnectionSpec;
use vayu_shared::content::coding;
use vayu_shared::http::Login;
use vayu_shared::template::Variables;

use super::auth::Auth;
use super::body::{AllowedFiles, BodyContext, body};
use super::design_config::DesignConfig;
use super::failure::DesignError;
use super::headers::{Lines, describe, wanted_boundary};
use super::hop::Hop;
use super::replacer::Replacer;
use crate::contract::endpoint;

/// A design request whose variables are replaced.
pub struct Draft {
    /// The first hop, without cookies and authentication.
    pub hop: Hop,
    /// Number of headers written by the user or a script. They come first in the hop.
    pub own_headers: usize,
    /// The body as given, with variables replaced.
    pub body: Value,
    /// How to authenticate.
    pub auth: Auth,
    /// The authentication as given, with variables replaced.
    pub auth_fields: Map<String, Value>,
    /// Connection settings.
    pub connection: ConnectionSpec,
    /// Names of undefined variables.
    pub unresolved: Vec<String>,
    /// Warnings about input that is probably a mistake.
    pub warnings: Vec<String>,
}

impl Draft {
    /// Replaces the variables of a design request and builds its body.
    ///
    /// # Errors
    /// Returns an error that names the invalid field and the reason.
    pub fn new(
        config: &DesignConfig,
        scopes: &dyn Variables,
        files: &AllowedFiles,
    ) -> Result<Self, DesignError> {
        let mut replacer = Replacer::now(scopes);
        let mut warnings = config.warnings.clone();
        let request = &config.request;
        let text = replacer.text(&request.url);
        let (text, login) = match Login::split(text.trim()) {
            Some((text, login)) => (text, Some(login)),
            None => (text.trim().to_owned(), None),
        };
        let endpoint = endpoint(&text, request.path_as_is(), "url", &mut warnings);
        let endpoint = endpoint.map_err(|problem| unusable(&problem, &text, &replacer))?;
        let url = Url::parse(&text).map_err(|error| DesignError::url(error.to_string()))?;
        let headers = request.lines().iter();
        let headers = headers.map(|(name, value)| (replacer.text(name), replacer.line(value)));
        let mut headers: Lines = headers.collect();
        let own_headers = headers.len();
        let value = replacer.value(&request.body);
        let is_bodiless = config.method.is_bodiless();
        let context = BodyContext::now(is_bodiless, files, wanted_boundary(&headers));
        let mut built = body(&value, &context)?;
        if built.content_type.is_none() && !built.bytes.is_empty() {
            // A body of unknown type is sent as text.
            built.content_type = Some(TEXT.to_owned());
        }
        describe(&mut headers, &built);
        let mut hop = Hop {
            method: config.method,
            url,
            typed_target: request
                .path_as_is()
                .then(|| endpoint.path_and_query.clone()),
            headers,
            body: built.bytes,
        };
        hop.propose("Accept-Encoding", coding::ACCEPTED);
        let auth_fields = replacer.object(&request.auth.clone().unwrap_or_default());
        let auth = Auth::read(&auth_fields)?;
        let auth = match (login, auth) {
            (Some(Login { user, password }), Auth::None) => Auth::Basic { user, password },
            (_, auth) => auth,
        };
        let connection = config.connection.spec(&endpoint, &mut warnings)?;
        Ok(Self {
            hop,
            own_headers,
            body: value,
            auth,
            auth_fields,
            connection,
            unresolved: replacer.unresolved().iter().cloned().collect(),
            warnings,
        })
    }
}

/// Returns the error for an unusable URL, with the undefined variables that may be the cause.
fn unusable(problem: &str, url: &str, replacer: &Replacer<'_>) -> DesignError {
    let names: Vec<&str> = replacer.unresolved().iter().map(String::as_str).collect();
    if names.is_empty() || !url.contains("{{") {
        return DesignError::url(problem.to_owned());
    }
    DesignError::url(format!(
        "{problem}; undefined variable: {}",
        names.join(", ")
    ))
}
