//! Changes of individual variables by scripts. Concurrent changes of other variables are preserved.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::changes::ChangeError;
use super::schema::{collections, environments, globals};
use super::{Store, StoreError};
use crate::private_key;
use crate::wall_clock::now_ms;

/// Changes by variable name: a new value, or `None` to remove the variable.
pub type VariableChanges = BTreeMap<String, Option<Value>>;

/// The owner of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariablesOf {
    /// The environment with this id.
    Environment(String),
    /// The collection with this id.
    Collection(String),
    /// The global variables.
    Globals,
}

impl Store {
    /// Changes variables. An owner that no longer exists is not created again, except the globals.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn change_variables(
        &self,
        of: VariablesOf,
        changes: VariableChanges,
    ) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.change(move |connection| Ok::<_, ChangeError>(change(connection, &of, &changes)?))
    }
}

fn change(
    connection: &mut SqliteConnection,
    of: &VariablesOf,
    changes: &VariableChanges,
) -> QueryResult<()> {
    let now = now_ms();
    // A macro, because tables with the same columns are different types.
    macro_rules! change_row {
        ($table:ident, $id:expr) => {{
            use $table::{updated_at, variables};
            let row = $table::table.find($id);
            let known: Option<String> = row.select(variables).first(connection).optional()?;
            if let Some(known) = known {
                let changed = variables.eq(merged(&known, changes));
                diesel::update(row)
                    .set((changed, updated_at.eq(now)))
                    .execute(connection)?;
            }
        }};
    }
    match of {
        VariablesOf::Environment(id) => change_row!(environments, id),
        VariablesOf::Collection(id) => change_row!(collections, id),
        VariablesOf::Globals => {
            use globals::{id, updated_at, variables};
            let known = globals::table.select(variables).first(connection);
            let known: Option<String> = known.optional()?;
            let changed = merged(known.as_deref().unwrap_or("{}"), changes);
            diesel::replace_into(globals::table)
                .values((
                    id.eq(super::environments::GLOBALS),
                    variables.eq(changed),
                    updated_at.eq(now),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}

/// Returns variables with the changes applied, as JSON text. A variable that is an object keeps its other
/// fields.
fn merged(known: &str, changes: &VariableChanges) -> String {
    let mut variables = match vayu_shared::json::read(known) {
        Ok(Value::Object(variables)) => variables,
        // Text damaged by another program yields no variables.
        _ => Map::new(),
    };
    for (name, value) in changes {
        match value {
            None => {
                variables.shift_remove(name);
            }
            Some(value) => match variables.get_mut(name) {
                Some(Value::Object(full)) => {
                    full.insert("value".to_owned(), value.clone());
                    // Setting a variable enables it.
                    full.shift_remove("enabled");
                }
                _ => {
                    variables.insert(name.clone(), stored(value));
                }
            },
        }
    }
    let mut variables = Value::Object(variables);
    private_key::remove_from(&mut variables);
    variables.to_string()
}

/// Returns a value as it is stored: strings unchanged, other values in an object.
fn stored(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        other => json!({ "value": other }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_set_is_changed() {
        let known = r#"{"a":"1","b":{"value":"2","secret":true,"enabled":false},"c":"3","e":{"value":1e2}}"#;
        let changes = [
            ("a".to_owned(), Some(json!("x"))),
            ("b".to_owned(), Some(json!("y"))),
            ("c".to_owned(), None),
            ("d".to_owned(), Some(json!(5))),
        ];
        let expected =
            r#"{"a":"x","b":{"value":"y","secret":true},"e":{"value":1e2},"d":{"value":5}}"#;
        assert_eq!(merged(known, &changes.into()), expected);
    }
}
