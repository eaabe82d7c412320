//! Makes the first hop of an order: variables replaced, body built, connection
//! options read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use url::Url;
use vayu_shared::connection::ConnectionSpec;
use vayu_shared::content::coding;
use vayu_shared::http::Endpoint;
use vayu_shared::template::Variables;
use vayu_shared::validate::connection_spec;

use super::auth::Auth;
use super::body::{AllowedFiles, body};
use super::failure::DesignError;
use super::hop::Hop;
use super::order::DesignOrder;
use super::replacer::Replacer;

/// What an order amounts to once its variables are known.
pub struct Draft {
    /// The first hop, without cookies and authentication.
    pub hop: Hop,
    /// How many of its headers, the first ones, the user or a script wrote.
    pub own_headers: usize,
    /// Its body as it was asked for.
    pub body: Value,
    /// How to authenticate.
    pub auth: Auth,
    /// The same as it was asked for.
    pub auth_fields: Value,
    /// How connections are made.
    pub connection: ConnectionSpec,
    /// Variables that nobody knows.
    pub unresolved: Vec<String>,
    /// What is probably not what the user meant.
    pub warnings: Vec<String>,
}

impl Draft {
    /// Replaces the variables of an order and builds its body.
    ///
    /// # Errors
    /// The field that does not work, and why.
    pub fn new(
        order: &DesignOrder,
        scopes: &dyn Variables,
        files: &AllowedFiles,
    ) -> Result<Self, DesignError> {
        let mut replacer = Replacer::now(scopes);
        let url = replacer.text(&order.url);
        let url = parsed(&url, replacer.unresolved())?;
        let endpoint = Endpoint::parse(url.as_str()).map_err(DesignError::url)?;
        let headers = order.headers.iter();
        let headers = headers.map(|(name, value)| (replacer.text(name), replacer.line(value)));
        let headers: Vec<_> = headers.collect();
        let own_headers = headers.len();
        let value = replacer.value(&order.body);
        let is_bodiless = order.method.is_bodiless();
        let built = body(&value, is_bodiless, files, &boundary())?;
        // Where nothing else is known of it, a body is text.
        let text = (!built.bytes.is_empty()).then(|| "text/plain; charset=utf-8".to_owned());
        let mut hop = Hop {
            method: order.method,
            url,
            headers,
            body: built.bytes,
        };
        if let Some(content_type) = built.content_type.or(text) {
            hop.propose("Content-Type", &content_type);
        }
        hop.propose("Accept-Encoding", coding::ACCEPTED);
        let auth = Value::Object(order.auth.clone());
        let auth = replacer.value(&auth);
        let mut warnings = order.warnings.clone();
        let connection = order.connection.as_ref();
        let connection = connection_spec(connection, &endpoint, &mut warnings)?;
        Ok(Self {
            hop,
            own_headers,
            body: value,
            auth: Auth::read(auth.as_object().unwrap_or(&Map::new()))?,
            auth_fields: auth,
            connection,
            unresolved: replacer.unresolved().iter().cloned().collect(),
            warnings,
        })
    }
}

fn parsed(text: &str, unresolved: &BTreeSet<String>) -> Result<Url, DesignError> {
    // The rules of load are those of design mode; the message is its, too.
    let checked = Endpoint::parse(text.trim());
    let explain = |problem: String| {
        let names: Vec<&str> = unresolved.iter().map(String::as_str).collect();
        if names.is_empty() || !text.contains("{{") {
            return DesignError::url(problem);
        }
        DesignError::url(format!(
            "{problem}; nobody knows the variable {}",
            names.join(", ")
        ))
    };
    checked.map_err(explain)?;
    Url::parse(text.trim()).map_err(|error| DesignError::url(error.to_string()))
}

/// What parts the parts of a multipart body.
pub fn boundary() -> String {
    format!("vayu-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}
