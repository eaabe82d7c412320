//! JSON schemas for scripts: what is wrong with a value, in the terms of `ajv`.

use jsonschema::{Draft, ValidationError};
use rquickjs::{Ctx, Object, Result};
use serde_json::{Map, Value, json};

use super::functions::{define, throw};

/// Most errors of one value that are told.
const MOST_ERRORS: usize = 100;

/// Puts `schema` into `host`.
///
/// # Errors
/// When there is no memory.
pub fn define_schema(host: &Object<'_>) -> Result<()> {
    define(
        host,
        "schema",
        |ctx: Ctx<'_>, schema: String, data: String, draft: Option<String>| {
            errors(&schema, &data, draft.as_deref()).map_err(|words| throw(&ctx, &words))
        },
    )
}

fn errors(schema: &str, data: &str, draft: Option<&str>) -> std::result::Result<String, String> {
    let parsed =
        |text: &str| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
    let (schema, data) = (parsed(schema)?, parsed(data)?);
    let mut options = jsonschema::options().should_validate_formats(true);
    if let Some(draft) = draft.and_then(named) {
        options = options.with_draft(draft);
    }
    let validator = options
        .build(&schema)
        .map_err(|error| format!("the schema is broken: {error}"))?;
    let told = validator.iter_errors(&data).take(MOST_ERRORS);
    let told: Vec<Value> = told.map(|error| describe(&error)).collect();
    Ok(Value::from(told).to_string())
}

fn named(draft: &str) -> Option<Draft> {
    match draft {
        "4" => Some(Draft::Draft4),
        "6" => Some(Draft::Draft6),
        "7" => Some(Draft::Draft7),
        "2019-09" => Some(Draft::Draft201909),
        "2020-12" => Some(Draft::Draft202012),
        _ => None,
    }
}

fn describe(error: &ValidationError<'_>) -> Value {
    let path = error.schema_path().to_string();
    let keyword = path.rsplit('/').next().unwrap_or_default();
    json!({
        "keyword": keyword,
        "instancePath": error.instance_path().to_string(),
        "schemaPath": format!("#{path}"),
        "message": error.to_string(),
        "params": params(error),
    })
}

fn params(error: &ValidationError<'_>) -> Map<String, Value> {
    use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
    let limit = |comparison: &str, limit: Value| json!({"comparison": comparison, "limit": limit});
    let params = match error.kind() {
        Kind::Required { property } => json!({"missingProperty": property}),
        Kind::AdditionalProperties { unexpected } => {
            json!({"additionalProperty": unexpected.first()})
        }
        Kind::Type { kind } => {
            let types: Vec<String> = match kind {
                TypeKind::Single(one) => vec![one.to_string()],
                TypeKind::Multiple(set) => set.iter().map(|one| one.to_string()).collect(),
            };
            json!({"type": types.join(",")})
        }
        Kind::Enum { options } => json!({"allowedValues": **options}),
        Kind::Constant { expected_value } => json!({"allowedValue": **expected_value}),
        Kind::Pattern { pattern } => json!({"pattern": pattern}),
        Kind::Format { format } => json!({"format": format}),
        Kind::Minimum { limit: bound } => limit(">=", bound.clone()),
        Kind::Maximum { limit: bound } => limit("<=", bound.clone()),
        Kind::ExclusiveMinimum { limit: bound } => limit(">", bound.clone()),
        Kind::ExclusiveMaximum { limit: bound } => limit("<", bound.clone()),
        Kind::MinLength { limit: bound }
        | Kind::MinItems { limit: bound }
        | Kind::MaxLength { limit: bound }
        | Kind::MaxItems { limit: bound } => json!({"limit": bound}),
        Kind::MinProperties { limit: bound } | Kind::MaxProperties { limit: bound } => {
            json!({"limit": bound})
        }
        Kind::MultipleOf { multiple_of } => json!({"multipleOf": multiple_of}),
        _ => json!({}),
    };
    match params {
        Value::Object(params) => params,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_as_ajv_tells_them() {
        let schema = r#"{"type": "object", "required": ["id"], "properties": {"n": {"type": "number", "minimum": 3}}}"#;
        let told = errors(schema, r#"{"n": 1}"#, None).expect("a schema");
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let find = |keyword: &str| {
            let mut told = told.as_array().expect("a list").iter();
            told.find(|error| error["keyword"] == keyword)
                .cloned()
                .unwrap_or_default()
        };
        assert_eq!(
            find("required")["params"]["missingProperty"],
            "id",
            "{told}"
        );
        assert_eq!(find("minimum")["instancePath"], "/n", "{told}");
        assert_eq!(find("minimum")["params"]["limit"], 3, "{told}");
        assert_eq!(
            errors(schema, r#"{"id": 1}"#, Some("4")).as_deref(),
            Ok("[]")
        );
        assert!(errors(r#"{"type": 7}"#, "1", None).is_err());
    }
}
