//! Compares the document with the routes and the limits. `contract/schema` compares its bodies with what is
//! parsed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Text;
use crate::api::{UNDOCUMENTED, resources};
use crate::contract::{Defaults, run_spec};

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
        ("Id/maxLength", limits::ID_CHARS as f64),
        ("Name/maxLength", limits::NAME_CHARS as f64),
        (
            "CollectionEdit/properties/order/oneOf/0/maximum",
            limits::ORDER as f64,
        ),
        ("UrlText/maxLength", limits::URL_BYTES as f64),
        (
            "RequestConfig/properties/url/maxLength",
            limits::URL_BYTES as f64,
        ),
    ] {
        assert_eq!(schema(path), Some(limit), "{path}");
    }
}

#[test]
fn each_kind_of_load_has_the_fields_it_needs() {
    let document: Value = serde_json::from_str(&Text::generate().0).expect("it is JSON");
    let body = &document["components"]["schemas"]["RunBody"]["allOf"];
    let fields = body[0]["properties"].as_object().expect("fields");
    let kinds = body[1]["anyOf"].as_array().expect("kinds of load");
    let plain = |mode: &Value| {
        let request = json!({"method": "GET", "url": "http://a/"});
        json!({"request": request, "mode": mode})
    };
    for kind in kinds {
        let mut whole = plain(&kind["properties"]["mode"]["enum"][0]);
        for name in kind["required"].as_array().expect("names") {
            let name = name.as_str().expect("a name");
            assert!(fields.contains_key(name), "{name}");
            let value = if name.ends_with("uration") {
                json!("1s")
            } else {
                json!(1)
            };
            whole[name] = if name == "mode" {
                whole[name].take()
            } else {
                value
            };
        }
        let spec = run_spec(&whole, &Defaults::default());
        assert!(spec.is_ok(), "{whole}: {spec:?}");
    }
}
