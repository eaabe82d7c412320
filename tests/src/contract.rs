//! Holds every answer that a suite gets against the engine's own OpenAPI
//! document: the path and status have to be in it, and the body has to have the
//! fields it describes and no other.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::Answer;
use crate::client::get;

/// The document of an engine, fetched when the first answer is checked.
#[derive(Default)]
pub struct Contract(OnceLock<Value>);

impl Contract {
    /// Checks an answer of the engine at `base`.
    ///
    /// # Panics
    /// When it is not what the document says.
    pub fn check(&self, base: &str, method: &str, path: &str, answer: &Answer) {
        let document = self
            .0
            .get_or_init(|| closed(get(&format!("{base}/openapi.json")).body));
        let what = format!("{method} {path} answered {}", answer.status);
        let schema = match operation(document, method, path) {
            Some(operation) => described(operation, answer)
                .unwrap_or_else(|| panic!("{what}, which the document does not know")),
            // A route or method that is none.
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

/// The operation whose path fits.
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
    // `/run/{id}` before nothing else that fits: no two templates overlap.
    let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
    item.get(method.to_lowercase())
}

/// The schema of an answer with this status and content type; the inner `None`
/// is a body that is not JSON.
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
        "{what}, not as the document has it:\n{}\n{body:#}",
        errors.join("\n")
    );
}

/// The document with every object closed that lists its properties: what is not
/// listed is an error here, though clients have to take it.
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

/// Schemas that are a part of others, which close them together.
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
