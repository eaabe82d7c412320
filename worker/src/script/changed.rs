//! Converts a request that a script changed into one that can be sent: variables are replaced and the body is
//! built. The request may only go to the run's target.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vayu_shared::auth::is_equivalent;
use vayu_shared::body::{GraphQl, PlainBody, TEXT, is_same_body, raw_body};
use vayu_shared::dynamic::DynamicSource;
use vayu_shared::http::{Endpoint, Header, Method, conflict_in};
use vayu_shared::json::map_strings;
use vayu_shared::request::{Values, body_of, urlencoded};
use vayu_shared::spec::RequestSpec;
use vayu_shared::template::{Deferred, Template, Variables};

use super::plan::ScriptPlan;

/// Replaces variables.
struct Replacer<'a> {
    variables: &'a dyn Variables,
    source: &'a mut DynamicSource,
    unix_ns: u64,
}

impl Replacer<'_> {
    fn text(&mut self, text: &str) -> String {
        if !text.contains("{{") {
            return text.to_owned();
        }
        let template = Template::compile(text, self.variables, &mut BTreeSet::new());
        template.render_text(self.source, self.unix_ns)
    }

    /// Replaces the variables in all strings of a value.
    fn value(&mut self, value: &Value) -> Value {
        map_strings(value, &mut |text| self.text(text))
    }

    /// Returns a form field with its variables replaced.
    fn field(&mut self, row: &Value, name: &str) -> String {
        match &row[name] {
            Value::String(text) => self.text(text),
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// Returns the headers that the script left, without `Content-Length`. Fails if one of them must not be
    /// sent.
    fn headers(&mut self, lines: &Value) -> Result<Vec<Header>, String> {
        let mut headers = Vec::new();
        for line in lines.as_array().into_iter().flatten() {
            let name = self.text(line[0].as_str().unwrap_or_default());
            let value = self.text(line[1].as_str().unwrap_or_default());
            let header = Header::new(&name, &value)
                .map_err(|problem| format!("the header {name} {problem}"))?;
            if !header.is("content-length") {
                headers.push(header);
            }
        }
        match conflict_in(&headers) {
            Some((name, problem)) => Err(format!("the header {name} {problem}")),
            None => Ok(headers),
        }
    }

    /// Builds the body of the plan. Its placeholders decide how values are encoded.
    fn planned_body(&mut self, request: &RequestSpec) -> (Vec<u8>, Option<&'static str>) {
        let values = Values {
            source: self.source,
            unix_ns: self.unix_ns,
            variables: self.variables,
        };
        (body_of(request, values), request.content_type)
    }

    /// Builds a body that the script set.
    fn body(&mut self, body: &Value) -> Result<PlainBody, String> {
        match body["mode"].as_str() {
            None => Ok(PlainBody::default()),
            Some("raw") => {
                let raw = self.text(body["raw"].as_str().unwrap_or_default());
                let language = body["options"]["raw"]["language"].as_str();
                let built = raw_body(&raw, language);
                Ok(PlainBody {
                    content_type: built.content_type.or(Some(TEXT)),
                    ..built
                })
            }
            Some("urlencoded") => {
                let rows = body["urlencoded"].as_array().into_iter().flatten();
                let pairs: Vec<_> = rows
                    .filter(|row| row["disabled"] != true)
                    .map(|row| (self.field(row, "key"), self.field(row, "value")))
                    .collect();
                let pairs = pairs
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str()));
                Ok(urlencoded(pairs, Deferred::Nothing))
            }
            Some("graphql") => {
                let replaced = self.value(&body["graphql"]);
                let graphql: GraphQl = serde_json::from_value(replaced)
                    .map_err(|error| format!("`body.graphql`: {error}"))?;
                let built = graphql.body(false, "body.graphql");
                built.map_err(|error| error.to_string())
            }
            Some(other) => Err(format!(
                "the body mode \"{other}\" is not supported in scripts under load: use raw, urlencoded or graphql"
            )),
        }
    }
}

/// Converts the result of `request.toWire()` to the definition that `pm.request` is created from.
pub fn definition(wire: &str) -> Option<String> {
    let mut wire: Value = serde_json::from_str(wire).ok()?;
    let lines = wire["headers"].as_array()?.iter();
    let header: Vec<Value> = lines
        .map(|line| json!({"key": line[0], "value": line[1]}))
        .collect();
    wire["header"] = header.into();
    Some(wire.to_string())
}

/// Builds a request from the result of `request.toWire()`.
///
/// # Errors
/// Returns a message that says what is wrong with the request.
pub fn request(
    wire: &str,
    plan: &ScriptPlan,
    variables: &dyn Variables,
    source: &mut DynamicSource,
    unix_ns: u64,
) -> Result<RequestSpec, String> {
    let wire: Value = serde_json::from_str(wire).map_err(|error| error.to_string())?;
    refuse_other_auth(&wire, &plan.definition)?;
    let mut replacer = Replacer {
        variables,
        source,
        unix_ns,
    };
    let name = wire["method"].as_str().unwrap_or_default();
    let method = Method::any(name).ok_or_else(|| {
        format!(
            "the script set the invalid method \"{name}\": use an HTTP method name (RFC 9110 token)"
        )
    })?;
    let url = replacer.text(wire["url"].as_str().unwrap_or_default());
    let path_as_is = plan.request.path_as_is;
    let endpoint = match path_as_is {
        true => Endpoint::parse_as_is(&url),
        false => Endpoint::parse(&url),
    };
    let endpoint = endpoint.map_err(|problem| format!("the script set a URL that {problem}"))?;
    let target = &plan.request.endpoint;
    if (endpoint.tls, &endpoint.authority) != (target.tls, &target.authority) {
        let target = &target.authority;
        return Err(format!(
            "the script changed the target to {}: in a load run, requests may only go to the run's target {target}",
            endpoint.authority
        ));
    }
    let headers = replacer.headers(&wire["headers"])?;
    let parameters = plan.request.parameters.iter();
    let parameters = parameters
        .map(|(name, value)| (replacer.text(name), replacer.text(value)))
        .filter(|(name, _)| !endpoint.has_parameter(name))
        .collect();
    let (body, content_type) = match is_same_body(&wire["body"], &plan.definition["body"]) {
        true => replacer.planned_body(&plan.request),
        false => {
            let body = replacer.body(&wire["body"])?;
            (body.bytes, body.content_type)
        }
    };
    Ok(RequestSpec {
        method,
        url,
        endpoint,
        parameters,
        path_as_is,
        headers,
        content_type: content_type.filter(|_| !body.is_empty()),
        body,
        body_parts: Vec::new(),
    })
}

/// Refuses a changed `auth`: the authentication of a run is fixed before the run starts.
fn refuse_other_auth(wire: &Value, planned: &Value) -> Result<(), String> {
    let Some(auth) = wire.get("auth") else {
        return Ok(());
    };
    if is_equivalent(auth, &planned["auth"]) {
        return Ok(());
    }
    Err(
        "the script changed `auth`, which is fixed when a load run starts: set the header instead, for example \
         pm.request.headers.upsert({key: 'Authorization', value: 'Bearer ...'}), or use variables in `auth` and set those"
            .to_owned(),
    )
}
