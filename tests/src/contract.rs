//! Validates every response that a suite receives against the engine's own OpenAPI document: the document has
//! to contain the path and the status, and the body has to have the fields of the schema and no others.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::Answer;
use crate::client::get;

/// The OpenAPI document of an engine, fetched when the first response is checked.
#[derive(Default)]
pub struct Contract(OnceLock<Value>);

impl Contract {
    /// Checks a response of the engine at `base`.
    ///
    /// # Panics
    /// Panics if the response does not match the document.
    pub fn check(&self, base: &str, method: &str, path: &str, answer: &Answer) {
        let document = self
            .0
            .get_or_init(|| closed(get(&format!("{base}/openapi.json")).body));
        let what = format!("{method} {path} answered {}", answer.status);
        let schema = match operation(document, method, path) {
            Some(operation) => described(operation, answer)
                .unwrap_or_else(|| panic!("{what}, which is not in the OpenAPI document")),
            // An unknown route or method.
            None => {
                assert!(
                    matches!(answer.status, 404 | 405),
                    "{what}, and is not in the document"
                );
                Some(json!({"$ref": "#/components/schemas/ErrorBody"}))
            }
        };
        if let Some(schema) = schema {
            assert_fits(document, schema, &answer.body, &what);
        }
    }
}

/// Returns the operation whose path template matches.
fn operation<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let (known, asked) = (template.split('/'), path.split('/'));
        known.clone().count() == asked.clone().count()
            && known
                .zip(asked)
                .all(|(known, asked)| known == asked || known.starts_with('{'))
    };
    let paths = document["paths"].as_object().expect("a document has paths");
    // At most one template matches, because no two templates overlap.
    let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
    item.get(method.to_lowercase())
}

/// Returns the schema for the status and content type of a response. The inner `None` is a body that is not
/// JSON.
fn described(operation: &Value, answer: &Answer) -> Option<Option<Value>> {
    let content = operation["responses"][answer.status.to_string()].get("content")?;
    let kind = answer.header("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    let schema = content.get(essence)?.get("schema")?;
    Some((essence == "application/json").then(|| schema.clone()))
}

fn assert_fits(document: &Value, mut schema: Value, body: &Value, what: &str) {
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema)
        .unwrap_or_else(|error| panic!("{what}: the schema is none: {error}"));
    let errors: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{what}, which violates the schema of the OpenAPI document:\n{}\n{body:#}",
        errors.join("\n")
    );
}

/// Closes every object schema that lists its properties: an unlisted property is an error here, although
/// clients have to accept it.
fn closed(mut document: Value) -> Value {
    let open = parts(&document);
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.expect("a document has schemas") {
        if !open.contains(name)
            && (schema.get("properties").is_some() || schema.get("allOf").is_some())
        {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
    document
}

/// Names of schemas that are part of an `allOf`. The composed schema closes them.
fn parts(document: &Value) -> Vec<String> {
    let schemas = document["components"]["schemas"].as_object();
    let wholes = schemas.into_iter().flatten();
    let lists = wholes.filter_map(|(_, schema)| schema.get("allOf")?.as_array());
    let references = lists
        .flatten()
        .filter_map(|part| part.get("$ref")?.as_str());
    references
        .filter_map(|reference| Some(reference.rsplit('/').next()?.to_owned()))
        .collect()
}
