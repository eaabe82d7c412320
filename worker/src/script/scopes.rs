//! The variables that scripts read and write, by scope.
//!
//! A value keeps its JavaScript type: a string is stored as text, any other value as JSON. The initial values
//! of a scope are shared and immutable. Changes are kept separately, so that the creator of the scope can
//! tell what to write back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use vayu_shared::json;
use vayu_shared::template::Variables;

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeValue {
    /// A string.
    Text(Arc<str>),
    /// Any other value that JSON can express, as JSON.
    Json(Arc<str>),
}

/// The scopes of variables, in order of precedence: the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// `pm.variables.set`: for one iteration.
    Local,
    /// The request's own variables, `pm.iterationData`.
    Data,
    /// `pm.environment`.
    Environment,
    /// `pm.collectionVariables`.
    Collection,
    /// `pm.globals`.
    Globals,
}

/// One scope.
#[derive(Clone, Debug, Default)]
pub struct VariableScope {
    initial: Arc<BTreeMap<String, ScopeValue>>,
    /// Values set since; `None` marks a removed variable.
    changes: BTreeMap<String, Option<ScopeValue>>,
    /// Total bytes of the names and values of the changes.
    bytes: usize,
}

/// All scopes of a request or a virtual user.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    scopes: [VariableScope; 5],
    /// Iteration, virtual user and shard, in the order of [`NUMBERS`]. Under load only.
    pub numbers: Option<[u64; 3]>,
    /// Id of the load run, the value of [`RUN`].
    pub run: Arc<str>,
}

/// Names of the numbers that every iteration under load has.
const NUMBERS: [&str; 3] = ["__ITER", "__VU", "__SHARD"];

/// Name of the variable that holds the id of the run.
const RUN: &str = "__RUN";

/// A built-in variable of an iteration under load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BuiltInVariable<'a> {
    /// The value of one of [`NUMBERS`].
    Number(u64),
    /// The value of [`RUN`].
    Text(&'a str),
}

impl ScopeKind {
    /// All scopes, the nearest first.
    pub const ALL: [Self; 5] = [
        Self::Local,
        Self::Data,
        Self::Environment,
        Self::Collection,
        Self::Globals,
    ];

    /// Returns the scope with this index in [`Self::ALL`].
    #[must_use]
    pub fn of(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }
}

impl ScopeValue {
    /// Returns the value as a template writes it: a string as it is, anything else as JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Json(text) => text,
        }
    }

    /// Converts a JSON value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.as_str().into()),
            other => Self::Json(other.to_string().into()),
        }
    }

    /// Returns the value as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.to_string()),
            Self::Json(text) => json::read(text).unwrap_or(Value::Null),
        }
    }
}

impl VariableScope {
    /// Creates a scope with these initial values.
    #[must_use]
    pub fn new(initial: BTreeMap<String, ScopeValue>) -> Self {
        Self {
            initial: Arc::new(initial),
            changes: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Returns the value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ScopeValue> {
        match self.changes.get(name) {
            Some(changed) => changed.as_ref(),
            None => self.initial.get(name),
        }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: ScopeValue) {
        self.bytes += value.text().len();
        match self.changes.get_mut(name) {
            Some(kept) => {
                self.bytes -= length(kept.as_ref());
                *kept = Some(value);
            }
            None => {
                self.bytes += name.len();
                self.changes.insert(name.to_owned(), Some(value));
            }
        }
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: &str) {
        let before = match self.initial.contains_key(name) {
            true => {
                self.bytes += name.len();
                self.changes.insert(name.to_owned(), None)
            }
            false => self.changes.remove(name),
        };
        if let Some(before) = before {
            self.bytes -= name.len() + length(before.as_ref());
        }
    }

    /// Removes all variables.
    pub fn clear(&mut self) {
        self.reset();
        let gone = self.initial.keys().map(|name| (name.clone(), None));
        self.changes.extend(gone);
        self.bytes = self.changes.keys().map(String::len).sum();
    }

    /// Restores the initial values.
    fn reset(&mut self) {
        self.changes.clear();
        self.bytes = 0;
    }

    /// Returns the bytes that the change of this variable takes now. Initial values do not count.
    #[must_use]
    pub fn bytes_of(&self, name: &str) -> usize {
        let changed = self.changes.get(name);
        changed.map_or(0, |value| name.len() + length(value.as_ref()))
    }

    /// Returns the changes; `None` marks a removed variable.
    #[must_use]
    pub fn changes(&self) -> &BTreeMap<String, Option<ScopeValue>> {
        &self.changes
    }

    /// Returns the names and values of all variables.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &ScopeValue)> {
        let kept = self.initial.iter();
        let kept = kept.filter(|(name, _)| !self.changes.contains_key(*name));
        let changed = self.changes.iter();
        let set = changed.filter_map(|(name, value)| Some((name, value.as_ref()?)));
        kept.chain(set).map(|(name, value)| (name.as_str(), value))
    }
}

fn length(value: Option<&ScopeValue>) -> usize {
    value.map_or(0, |value| value.text().len())
}

impl Scopes {
    /// Returns the total bytes of the changes in all scopes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.scopes.iter().map(|scope| scope.bytes).sum()
    }

    /// Returns a scope.
    #[must_use]
    pub fn scope(&self, kind: ScopeKind) -> &VariableScope {
        &self.scopes[kind as usize]
    }

    /// Returns a scope for changes.
    pub fn scope_mut(&mut self, kind: ScopeKind) -> &mut VariableScope {
        &mut self.scopes[kind as usize]
    }

    /// Returns the value of a variable from the nearest scope that has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ScopeValue> {
        self.scopes.iter().find_map(|scope| scope.get(name))
    }

    /// Returns the value of one of [`NUMBERS`] or of [`RUN`], `None` outside of load runs.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<BuiltInVariable<'_>> {
        let numbers = self.numbers?;
        if name == RUN {
            return Some(BuiltInVariable::Text(&self.run));
        }
        let place = NUMBERS.iter().position(|known| *known == name)?;
        Some(BuiltInVariable::Number(numbers[place]))
    }

    /// Discards the variables that last for one iteration only.
    pub fn end_iteration(&mut self) {
        let local = self.scope_mut(ScopeKind::Local);
        if !local.changes.is_empty() {
            local.reset();
        }
    }
}

impl Variables for VariableScope {
    fn get(&self, name: &str) -> Option<String> {
        Self::get(self, name).map(|value| value.text().to_owned())
    }
}

impl Variables for Scopes {
    fn get(&self, name: &str) -> Option<String> {
        let found = self.find(name).map(|value| value.text().to_owned());
        found.or_else(|| {
            Some(match self.fact(name)? {
                BuiltInVariable::Number(number) => number.to_string(),
                BuiltInVariable::Text(text) => text.to_owned(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> ScopeValue {
        ScopeValue::Text(value.into())
    }

    #[test]
    fn changes_lie_over_what_was_there() {
        let mut scope =
            VariableScope::new([("a".to_owned(), text("1")), ("b".to_owned(), text("2"))].into());
        scope.set("a", text("3"));
        scope.set("c", text("4"));
        scope.unset("b");
        let entries: Vec<_> = scope
            .entries()
            .map(|(name, value)| (name, value.text()))
            .collect();
        assert_eq!(entries, [("a", "3"), ("c", "4")]);
        scope.unset("c");
        assert_eq!(
            scope.changes().len(),
            2,
            "what never was is not written back"
        );
        scope.clear();
        assert_eq!(scope.entries().count(), 0);
        assert!(scope.changes().values().all(Option::is_none));
    }

    #[test]
    fn bytes_are_those_of_the_changes() {
        let mut scopes = Scopes::default();
        *scopes.scope_mut(ScopeKind::Globals) =
            VariableScope::new([("kept".to_owned(), text("1"))].into());
        // `None` removes the variable.
        let table = [
            ("a", Some("12"), 3),
            ("a", Some("1"), 2),
            ("kept", Some("123"), 9),
            ("kept", None, 6),
            ("kept", None, 6),
            ("a", None, 4),
            ("kept", Some("12"), 6),
        ];
        for (name, value, bytes) in table {
            let scope = scopes.scope_mut(ScopeKind::Globals);
            match value {
                Some(value) => scope.set(name, text(value)),
                None => scope.unset(name),
            }
            assert_eq!(scopes.bytes(), bytes, "{name} {value:?}");
        }
        scopes.scope_mut(ScopeKind::Globals).clear();
        assert_eq!(scopes.bytes(), 4);
        scopes.scope_mut(ScopeKind::Local).set("b", text("1"));
        assert_eq!(scopes.scope(ScopeKind::Local).bytes_of("b"), 2);
        scopes.end_iteration();
        assert_eq!(scopes.bytes(), 4);
    }

    #[test]
    fn the_nearest_scope_wins_and_the_local_one_ends() {
        let mut scopes = Scopes::default();
        scopes.scope_mut(ScopeKind::Globals).set("a", text("far"));
        scopes.scope_mut(ScopeKind::Local).set("a", text("near"));
        assert_eq!(scopes.get("a").as_deref(), Some("near"));
        scopes.end_iteration();
        assert_eq!(scopes.get("a").as_deref(), Some("far"));
    }

    #[test]
    fn values_keep_their_type() {
        for value in [
            serde_json::json!("5"),
            serde_json::json!(5),
            serde_json::json!({"a": [1]}),
        ] {
            assert_eq!(ScopeValue::of(&value).to_json(), value);
        }
        assert_eq!(ScopeValue::of(&serde_json::json!(5)).text(), "5");
    }
}
