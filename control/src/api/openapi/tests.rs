//! The document held against the routes, the limits, and the fields that bodies are read
//! by: the readers refuse to ask for a field that is not in these lists.

use std::collections::BTreeSet;

use serde_json::Value;
use vayu_shared::body::GRAPHQL_FIELDS;
use vayu_shared::validate::{
    COLLECTION_FIELDS, ENVIRONMENT_FIELDS, GLOBALS_FIELDS, Known, PACING_FIELDS, REQUEST_FIELDS,
    RUN_FIELDS, SAVED_REQUEST_FIELDS,
};

use super::Text;
use super::bodies::SHAPES;
use crate::api::{UNDOCUMENTED, resources};
use crate::design::{
    AuthKind, BODY_FIELDS, BODY_MODES, DESIGN_FIELDS, FILE_FIELDS, PAIR_FIELDS, PART_FIELDS,
};

#[test]
fn every_route_is_described_and_nothing_else() {
    let document: Value = serde_json::from_str(&Text::generate().0).expect("it is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("operations").keys();
            methods.map(move |method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let served: BTreeSet<(String, String)> = resources()
        .into_iter()
        .filter(|(path, _)| !UNDOCUMENTED.contains(path))
        .flat_map(|(path, routes)| {
            let methods = routes.into_iter().map(|(method, _)| method.to_owned());
            methods.map(move |method| (path.to_owned(), method))
        })
        .collect();
    assert_eq!(described, served);
}

#[test]
fn the_limits_it_names_are_those_in_force() {
    use vayu_shared::limits;
    let document: Value = serde_json::from_str(&Text::generate().0).expect("it is JSON");
    let schema = |path: &str| {
        let pointer = format!("/components/schemas/{path}");
        document.pointer(&pointer).and_then(Value::as_f64)
    };
    for (path, limit) in [
        (
            "CollectionEdit/properties/id/maxLength",
            limits::ID_CHARS as f64,
        ),
        (
            "CollectionEdit/properties/name/maxLength",
            limits::NAME_CHARS as f64,
        ),
        (
            "CollectionEdit/properties/order/maximum",
            limits::ORDER as f64,
        ),
        (
            "RequestEdit/properties/url/maxLength",
            limits::URL_BYTES as f64,
        ),
        (
            "LoadRequest/properties/url/maxLength",
            limits::URL_BYTES as f64,
        ),
        (
            "RateRun/allOf/1/properties/targetRps/maximum",
            limits::TARGET_RPS,
        ),
        (
            "RateRun/allOf/1/properties/targetRps/minimum",
            limits::TARGET_RPS_MIN,
        ),
        (
            "UsersRun/allOf/1/properties/concurrency/maximum",
            limits::CONCURRENCY as f64,
        ),
        (
            "IterationsRun/allOf/1/properties/iterations/maximum",
            limits::ITERATIONS as f64,
        ),
        (
            "RateRun/allOf/1/properties/seed/maximum",
            limits::SEED as f64,
        ),
    ] {
        assert_eq!(schema(path), Some(limit), "{path}");
    }
}

fn document() -> Value {
    serde_json::from_str(&Text::generate().0).expect("it is JSON")
}

/// The names of a schema's properties, those of the schemas it is made of included.
fn properties(document: &Value, schema: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(Value::String(reference)) = schema.get("$ref") {
        let schema = document.pointer(reference.trim_start_matches('#'));
        return properties(document, schema.expect("it is in the document"));
    }
    for name in schema["properties"].as_object().into_iter().flatten() {
        names.insert(name.0.clone());
    }
    for kind in ["allOf", "oneOf", "anyOf"] {
        for part in schema[kind].as_array().into_iter().flatten() {
            names.extend(properties(document, part));
        }
    }
    names
}

fn names(lists: Known) -> BTreeSet<String> {
    lists.concat().into_iter().map(str::to_owned).collect()
}

#[test]
fn it_has_the_fields_that_are_read_and_no_others() {
    let document = document();
    let table: [(&str, Known); 8] = [
        ("RunBody", &[&RUN_FIELDS]),
        ("LoadRequest", &[&REQUEST_FIELDS]),
        ("DesignBody", &[&REQUEST_FIELDS, &DESIGN_FIELDS]),
        ("Pacing", &[&PACING_FIELDS]),
        ("CollectionEdit", &[&COLLECTION_FIELDS]),
        ("RequestEdit", &[&SAVED_REQUEST_FIELDS]),
        ("EnvironmentEdit", &[&ENVIRONMENT_FIELDS]),
        ("GlobalsEdit", &[&GLOBALS_FIELDS]),
    ];
    for (name, read) in table {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(properties(&document, schema), names(read), "{name}");
    }
}

#[test]
fn it_has_every_type_of_auth_with_the_fields_that_are_read() {
    for shape in &SHAPES {
        let described: BTreeSet<String> = shape
            .fields
            .iter()
            .map(|field| field.0.to_owned())
            .collect();
        for name in shape.types {
            let kind = AuthKind::of(name).unwrap_or_else(|| panic!("{name} is no type"));
            assert_eq!(described, names(kind.fields()), "{name}");
        }
    }
    let document = document();
    let auth = &document["components"]["schemas"]["AuthBody"]["anyOf"];
    assert_eq!(auth.as_array().map(Vec::len), Some(2 * SHAPES.len()));
    for kind in AuthKind::ALL {
        let described = SHAPES.iter().flat_map(|shape| shape.types);
        let mut described = described.filter_map(|name| AuthKind::of(name));
        assert!(described.any(|found| found == kind), "{kind:?} is missing");
    }
}

#[test]
fn it_has_every_mode_of_a_body_with_the_fields_that_are_read() {
    let document = document();
    let payload = &document["components"]["schemas"]["Payload"];
    let mut all = names(&[&BODY_FIELDS, &BODY_MODES]);
    // Its content would stand in a member of the same name; it has none.
    all.remove("none");
    assert_eq!(properties(&document, payload), all);
    let modes = payload["anyOf"].as_array().expect("forms");
    let of = |mode: &str| {
        let has = |form: &&Value| form["properties"]["mode"]["enum"][0] == mode;
        let form = modes.iter().find(has);
        &form.unwrap_or_else(|| panic!("{mode} is missing"))["properties"][mode]
    };
    let entry = |mode: &str| match of(mode)["oneOf"][0].get("items") {
        Some(items) => items.clone(),
        None => of(mode)["items"].clone(),
    };
    let table: [(&str, Value, Known); 5] = [
        ("urlencoded", entry("urlencoded"), &[&PAIR_FIELDS]),
        ("formdata", entry("formdata"), &[&PAIR_FIELDS, &PART_FIELDS]),
        ("graphql", of("graphql").clone(), &[&GRAPHQL_FIELDS]),
        ("file", of("file").clone(), &[&FILE_FIELDS]),
        ("binary", of("binary").clone(), &[&FILE_FIELDS, &["base64"]]),
    ];
    for (mode, schema, read) in table {
        assert_eq!(properties(&document, &schema), names(read), "{mode}");
    }
}
