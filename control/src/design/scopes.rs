//! The variables visible to a request, in order of precedence: its own, those of its environment, those of
//! its collection, global ones.

use serde_json::{Map, Value};
use vayu_shared::json;
use vayu_worker::script::{ScopeValue, VariableScope};

/// Creates a scope from these variables. If a variable is an object, its `value` is used, unless it is
/// disabled.
pub fn scope_of(variables: &Map<String, Value>) -> VariableScope {
    let there = variables.iter().filter_map(|(name, variable)| {
        let value = match variable {
            Value::Object(full) => {
                let is_off = full.get("enabled") == Some(&Value::Bool(false));
                full.get("value").filter(|_| !is_off)?
            }
            other => other,
        };
        let value = match value {
            Value::Null => ScopeValue::Text("".into()),
            value => ScopeValue::of(value),
        };
        Some((name.clone(), value))
    });
    VariableScope::new(there.collect())
}

/// Creates a scope from stored JSON text. Text damaged by another program yields no variables.
pub fn scope_of_text(text: &str) -> VariableScope {
    let variables = json::read(text).ok();
    scope_of(
        variables
            .as_ref()
            .and_then(Value::as_object)
            .unwrap_or(&Map::new()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use vayu_shared::template::Variables;
    use vayu_worker::script::{ScopeKind, Scopes};

    #[test]
    fn the_first_set_that_has_a_variable_wins() {
        let mut scopes = Scopes::default();
        let own = json!({"a": "own", "off": {"value": "x", "enabled": false}});
        *scopes.scope_mut(ScopeKind::Data) = scope_of(own.as_object().expect("an object"));
        *scopes.scope_mut(ScopeKind::Environment) = scope_of_text(
            r#"{"a":"env","b":{"value":"env","secret":true},"off":"below","n":{"value":5}}"#,
        );
        *scopes.scope_mut(ScopeKind::Globals) = scope_of_text("damaged");
        for (name, expected) in [
            ("a", Some("own")),
            ("b", Some("env")),
            ("off", Some("below")),
            ("n", Some("5")),
            ("c", None),
        ] {
            assert_eq!(scopes.get(name).as_deref(), expected, "{name}");
        }
    }
}
