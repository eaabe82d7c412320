//! The body of a GraphQL request over HTTP: JSON with `query`, `variables` and `operationName`. This is the
//! only implementation, for design mode, load and scripts.

use serde::Deserialize;
use serde_json::Value;

use super::{BodyPart, JSON, PartKind, PlainBody};
use crate::field_error::{FieldError, mismatch};
use crate::json;

/// A GraphQL request.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GraphQl {
    /// GraphQL query document.
    pub query: String,
    /// Variables: an object, or the JSON text of one.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Value>))]
    pub variables: Option<Value>,
    /// Name of the operation to execute if the query has several.
    pub operation_name: Option<String>,
}

const EXPECTED: &str = "an object, or the JSON text of one";

impl GraphQl {
    /// Builds the body. Variables are sent as an object, or omitted if there are none. If `leaves_variables`
    /// is set, template variables are substituted later: text that contains them and is not JSON is then
    /// inserted unchanged. `path` is the location of the request, for errors.
    ///
    /// # Errors
    /// Returns an error if `variables` is neither an object nor the JSON text of one.
    pub fn body(&self, leaves_variables: bool, path: &str) -> Result<PlainBody, FieldError> {
        let mut body = Writer::default();
        body.add("{\"query\":", &Value::from(self.query.as_str()).to_string());
        match variables(self.variables.as_ref(), leaves_variables, path)? {
            Some(Variables::Object(text)) => body.add(",\"variables\":", &text),
            Some(Variables::Later(text)) => {
                body.text.push_str(",\"variables\":");
                body.text.push_str(text);
            }
            None => {}
        }
        let operation = self.operation_name.as_deref();
        if let Some(operation) = operation.filter(|name| !name.is_empty()) {
            body.add(",\"operationName\":", &Value::from(operation).to_string());
        }
        body.text.push('}');
        Ok(PlainBody {
            bytes: body.text.into_bytes(),
            content_type: Some(JSON),
            parts: body.parts,
        })
    }
}

/// A body under construction.
#[derive(Default)]
struct Writer {
    text: String,
    parts: Vec<BodyPart>,
}

impl Writer {
    /// Adds a member whose template variables are all inside JSON strings.
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

/// The variables to send.
enum Variables<'a> {
    /// The JSON of an object.
    Object(String),
    /// Text that becomes JSON when template variables are substituted.
    Later(&'a str),
}

fn variables<'a>(
    given: Option<&'a Value>,
    leaves_variables: bool,
    path: &str,
) -> Result<Option<Variables<'a>>, FieldError> {
    let wrong = |problem| FieldError::new(format!("{path}.variables"), problem);
    let read;
    let variables = match given {
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
                return Err(wrong(format!("is not {EXPECTED}; JSON error: {error}")));
            }
        },
        Some(value) => value,
    };
    match variables {
        Value::Object(_) => Ok(Some(Variables::Object(variables.to_string()))),
        // Also the text `null`.
        Value::Null => Ok(None),
        other => Err(wrong(mismatch(other, EXPECTED))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn built(graphql: &Value, leaves_variables: bool) -> Result<(String, Vec<String>), String> {
        let graphql: GraphQl = serde_json::from_value(graphql.clone()).expect("rows have a query");
        let body = graphql.body(leaves_variables, "body.graphql");
        let body = body.map_err(|error| error.to_string())?;
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
        assert!(built(&graphql, false).is_err(), "no variables are replaced");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (graphql, field) in [
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
        ] {
            let error = built(&graphql, true).expect_err("broken");
            assert!(error.contains(&format!("`{field}`")), "{graphql}: {error}");
        }
    }
}
