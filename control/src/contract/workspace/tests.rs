//! Tables of accepted and refused bodies.

use serde_json::json;
use vayu_shared::field_error::FieldErrorKind;

use super::*;

fn read<T: Edit>(text: &str) -> Result<T, FieldError> {
    let value: Value = serde_json::from_str(text).expect("JSON");
    read_edit(&value, text)
}

fn sent(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn what_is_not_sent_stays_and_null_resets() {
    let id = || "a".to_owned();
    let nothing = CollectionEdit {
        id: id(),
        ..CollectionEdit::default()
    };
    let reset = CollectionEdit {
        parent_id: Some(None),
        order: Some(0),
        variables: sent("{}"),
        ..nothing.clone()
    };
    assert_eq!(read::<CollectionEdit>(r#"{"id":"a"}"#), Ok(nothing));
    let nulls = r#"{"id":"a","parentId":null,"order":null,"variables":null}"#;
    assert_eq!(read::<CollectionEdit>(nulls), Ok(reset));

    let nothing = RequestEdit {
        id: id(),
        ..RequestEdit::default()
    };
    let reset = RequestEdit {
        params: sent("{}"),
        headers: sent("{}"),
        body: sent("null"),
        body_type: Some(None),
        auth: sent("{}"),
        pre_request_script: sent(""),
        post_request_script: sent(""),
        ..nothing.clone()
    };
    assert_eq!(read::<RequestEdit>(r#"{"id":"a"}"#), Ok(nothing));
    let nulls = r#"{"id":"a","params":null,"headers":null,"body":null,"bodyType":null,
                    "auth":null,"preRequestScript":null,"postRequestScript":null}"#;
    assert_eq!(read::<RequestEdit>(nulls), Ok(reset));

    let nulls = r#"{"id":"a","variables":null,"isActive":null}"#;
    let reset = EnvironmentEdit {
        id: id(),
        name: None,
        variables: sent("{}"),
        is_active: Some(false),
    };
    assert_eq!(read::<EnvironmentEdit>(nulls), Ok(reset));
}

#[test]
fn json_is_kept_to_the_letter() {
    let body = r#"{"long": 123456789012345678901234567890, "odd":1.10,"a":"\u00e9"}"#;
    let text = format!(r#"{{"id":"a","body":{body},"headers":{{"A" : "b"}}}}"#);
    let edit = read::<RequestEdit>(&text).expect("legal");
    assert_eq!(edit.body.as_deref(), Some(body));
    assert_eq!(edit.headers.as_deref(), Some(r#"{"A" : "b"}"#));
}

#[test]
fn methods_are_read_in_any_case() {
    let edit = read::<RequestEdit>(r#"{"id":"a","method":"patch"}"#);
    assert_eq!(edit.expect("legal").method, sent("PATCH"));
}

#[test]
fn odd_and_legal_values_are_taken() {
    let long_name = "é".repeat(limits::NAME_CHARS);
    let long_id = "x".repeat(limits::ID_CHARS);
    let table = [
        json!({"id": "A-z_0.9:x"}),
        json!({"id": long_id}),
        json!({"id": "a", "name": long_name}),
        json!({"id": "a", "name": " "}),
        json!({"id": "a", "order": -3}),
        json!({"id": "a", "order": 2.0}),
        json!({"id": "a", "order": limits::ORDER}),
        json!({"id": "a", "url": "{{base}}/x y"}),
        json!({"id": "a", "params": []}),
        json!({"id": "a", "params": {"q": 1}}),
        json!({"id": "a", "body": false}),
        json!({"id": "a", "nobody": "knows this"}),
        json!({"id": "a", "variables": {"k": {"value": 1, "more": []}, "": ""}}),
    ];
    for body in table {
        let text = body.to_string();
        assert!(read::<CollectionEdit>(&text).is_ok(), "{body}");
        assert!(read::<RequestEdit>(&text).is_ok(), "{body}");
        assert!(read::<EnvironmentEdit>(&text).is_ok(), "{body}");
    }
}

/// Returns the errors of the parsers that know the field.
fn refusals(body: &Value) -> Vec<FieldError> {
    let text = body.to_string();
    let errors = [
        read::<CollectionEdit>(&text).err(),
        read::<RequestEdit>(&text).err(),
        read::<EnvironmentEdit>(&text).err(),
    ];
    errors.into_iter().flatten().collect()
}

#[test]
fn bad_fields_are_named() {
    let table: Vec<(&str, Value, usize)> = vec![
        ("id", Value::Null, 3),
        ("id", json!(7), 3),
        ("id", json!(""), 3),
        ("id", json!("a b"), 3),
        ("id", json!("a/b"), 3),
        ("id", json!("é"), 3),
        ("id", json!("x".repeat(limits::ID_CHARS + 1)), 3),
        ("name", Value::Null, 3),
        ("name", json!(7), 3),
        ("name", json!(""), 3),
        ("name", json!("x".repeat(limits::NAME_CHARS + 1)), 3),
        ("variables", json!("a=b"), 2),
        ("variables", json!([]), 2),
        ("variables.k", json!({"variables": {"k": 5}}), 2),
        ("variables.k", json!({"variables": {"k": null}}), 2),
        ("variables.k", json!({"variables": {"k": ["v"]}}), 2),
        ("parentId", json!(1), 1),
        ("parentId", json!(""), 1),
        ("order", json!("1"), 1),
        ("order", json!(1.5), 1),
        ("order", json!(1e300), 1),
        ("collectionId", Value::Null, 1),
        ("collectionId", json!({}), 1),
        ("method", Value::Null, 1),
        ("method", json!("FETCH"), 1),
        ("method", json!(1), 1),
        ("url", Value::Null, 1),
        ("url", json!("  "), 1),
        ("url", json!(1), 1),
        ("url", json!("x".repeat(limits::URL_BYTES + 1)), 1),
        ("params", json!("a=b"), 1),
        ("headers", json!(["A: b"]), 1),
        ("headers.A", json!({"headers": {"A": 1}}), 1),
        ("auth", json!("bearer"), 1),
        ("bodyType", json!(1), 1),
        ("preRequestScript", json!(["x"]), 1),
        ("postRequestScript", json!({}), 1),
        ("isActive", json!("true"), 1),
    ];
    for (field, value, readers) in table {
        let mut body = json!({"id": "a"});
        match field.split_once('.') {
            Some((outer, _)) => body[outer] = value[outer].clone(),
            None => body[field] = value,
        }
        let errors = refusals(&body);
        assert_eq!(errors.len(), readers, "{body}: {errors:?}");
        assert!(
            errors.iter().all(|error| error.field == field),
            "{errors:?}"
        );
    }
}

#[test]
fn mistakes_of_method_and_url_have_codes_of_their_own() {
    let table = [
        (
            json!({"id": "a", "method": "FETCH"}),
            FieldErrorKind::Method,
        ),
        (json!({"id": "a", "url": ""}), FieldErrorKind::Url),
        (json!({"id": "a", "name": ""}), FieldErrorKind::Request),
    ];
    for (body, mistake) in table {
        let error = read::<RequestEdit>(&body.to_string()).expect_err("refused");
        assert_eq!(error.mistake, mistake, "{body}");
    }
}

#[test]
fn globals_need_their_variables() {
    let edit = read::<GlobalsEdit>(r#"{"variables":{"a":"b"},"id":"x"}"#).expect("legal");
    assert_eq!(edit.variables, r#"{"a":"b"}"#);
    for (text, field) in [
        ("{}", "variables"),
        (r#"{"variables":null}"#, "variables"),
        (r#"{"variables":{"a":1}}"#, "variables.a"),
        ("[]", "body"),
        ("7", "body"),
    ] {
        assert_eq!(read::<GlobalsEdit>(text).expect_err(text).field, field);
    }
}
