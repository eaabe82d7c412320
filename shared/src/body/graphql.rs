//! The body of a GraphQL request over HTTP: JSON with `query`, `variables` and
//! `operationName`. The one place that builds it, for design mode, load and scripts.

use serde_json::Value;

use super::{BodyPart, PartKind, PlainBody};
use crate::json;
use crate::validate::{FieldError, Fields};

/// The fields of `graphql`.
pub const GRAPHQL_FIELDS: [&str; 3] = ["query", "variables", "operationName"];

const EXPECTED: &str = "an object, or the JSON text of one";

/// Builds the body of `graphql`, an object whose `variables` are an object or, as
/// Postman stores them, the JSON text of one. They go out as an object, or not at all
/// when there are none. `leaves_variables` tells that template variables are replaced
/// later: a text that is no JSON with them in it is then put in as it is.
///
/// # Errors
/// When `query` is missing, or a field is something else than it has to be.
pub fn graphql(fields: &Fields<'_>, leaves_variables: bool) -> Result<PlainBody, FieldError> {
    let query = fields.string("query")?.ok_or_else(|| {
        FieldError::new(
            fields.path("query"),
            "is missing; it has to be the query's text",
        )
    })?;
    let mut body = Writer::default();
    body.add("{\"query\":", &Value::from(query).to_string());
    match variables(fields, leaves_variables)? {
        Some(Variables::Object(text)) => body.add(",\"variables\":", &text),
        Some(Variables::Later(text)) => {
            body.text.push_str(",\"variables\":");
            body.text.push_str(text);
        }
        None => {}
    }
    let operation = fields.string("operationName")?;
    if let Some(operation) = operation.filter(|name| !name.is_empty()) {
        body.add(",\"operationName\":", &Value::from(operation).to_string());
    }
    body.text.push('}');
    Ok(PlainBody {
        bytes: body.text.into_bytes(),
        content_type: Some("application/json"),
        parts: body.parts,
    })
}

/// A body that grows.
#[derive(Default)]
struct Writer {
    text: String,
    parts: Vec<BodyPart>,
}

impl Writer {
    /// Adds a member whose variables are all inside of texts.
    fn add(&mut self, name: &str, json: &str) {
        self.text.push_str(name);
        let from = self.text.len();
        self.text.push_str(json);
        self.parts.push(BodyPart {
            range: from..self.text.len(),
            kind: PartKind::JsonText,
        });
    }
}

/// The variables that go out.
enum Variables<'a> {
    /// JSON of an object.
    Object(String),
    /// What becomes JSON when template variables are replaced.
    Later(&'a str),
}

fn variables<'a>(
    fields: &Fields<'a>,
    leaves_variables: bool,
) -> Result<Option<Variables<'a>>, FieldError> {
    let read;
    let variables = match fields.get("variables") {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => match json::read(text) {
            Ok(value) => {
                read = value;
                &read
            }
            Err(_) if leaves_variables && text.contains("{{") => {
                return Ok(Some(Variables::Later(text.trim())));
            }
            Err(error) => {
                let problem = format!("has to be {EXPECTED}; as JSON: {error}");
                return Err(FieldError::new(fields.path("variables"), problem));
            }
        },
        Some(value) => value,
    };
    match variables {
        Value::Object(_) => Ok(Some(Variables::Object(variables.to_string()))),
        // `null` written as text.
        Value::Null => Ok(None),
        other => Err(fields.wrong_type("variables", other, EXPECTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn built(graphql: &Value, leaves_variables: bool) -> Result<(String, Vec<String>), String> {
        let object = graphql.as_object().expect("rows are objects");
        let fields = Fields::new(object, "body.graphql.", &[&GRAPHQL_FIELDS]);
        let body = super::graphql(&fields, leaves_variables).map_err(|error| error.to_string())?;
        let text = String::from_utf8(body.bytes).expect("text");
        let parts = body
            .parts
            .into_iter()
            .map(|part| text[part.range].to_owned());
        let parts = parts.collect();
        Ok((text, parts))
    }

    #[test]
    fn variables_are_an_object_or_left_out() {
        for (variables, expected) in [
            (json!({"n": 1}), r#"{"query":"q","variables":{"n":1}}"#),
            (
                json!(" {\"n\": 1.0} "),
                r#"{"query":"q","variables":{"n":1.0}}"#,
            ),
            (json!("{}"), r#"{"query":"q","variables":{}}"#),
            (json!(""), r#"{"query":"q"}"#),
            (json!(" "), r#"{"query":"q"}"#),
            (json!("null"), r#"{"query":"q"}"#),
            (json!(null), r#"{"query":"q"}"#),
        ] {
            let (text, _) =
                built(&json!({"query": "q", "variables": variables}), false).expect("legal");
            assert_eq!(text, expected, "{variables}");
        }
        let named = json!({"query": "{ \"a\" }", "operationName": "o"});
        let (text, _) = built(&named, false).expect("legal");
        assert_eq!(text, r#"{"query":"{ \"a\" }","operationName":"o"}"#);
    }

    #[test]
    fn template_variables_may_stand_for_any_json() {
        let graphql =
            json!({"query": "{{q}}", "variables": " {\"n\": {{n}}} ", "operationName": "{{o}}"});
        let (text, parts) = built(&graphql, true).expect("legal");
        assert_eq!(
            text,
            r#"{"query":"{{q}}","variables":{"n": {{n}}},"operationName":"{{o}}"}"#
        );
        assert_eq!(parts, [r#""{{q}}""#, r#""{{o}}""#], "what is escaped");
        let (_, parts) = built(
            &json!({"query": "q", "variables": "{\"s\":\"{{s}}\"}"}),
            true,
        )
        .expect("legal");
        assert_eq!(
            parts[1], r#"{"s":"{{s}}"}"#,
            "inside of texts values are escaped"
        );
        assert!(built(&graphql, false).is_err(), "nobody replaces them");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (graphql, field) in [
            (json!({}), "body.graphql.query"),
            (json!({"query": 1}), "body.graphql.query"),
            (
                json!({"query": "q", "variables": "[1]"}),
                "body.graphql.variables",
            ),
            (
                json!({"query": "q", "variables": [1]}),
                "body.graphql.variables",
            ),
            (
                json!({"query": "q", "variables": "{"}),
                "body.graphql.variables",
            ),
            (
                json!({"query": "q", "operationName": 1}),
                "body.graphql.operationName",
            ),
        ] {
            let error = built(&graphql, true).expect_err("broken");
            assert!(error.contains(&format!("`{field}`")), "{graphql}: {error}");
        }
    }
}
