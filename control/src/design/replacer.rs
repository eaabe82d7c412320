//! Replaces the variables in the texts of a request and collects the names of undefined ones.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use vayu_shared::dynamic::DynamicSource;
use vayu_shared::json::map_strings;
use vayu_shared::request::in_line;
use vayu_shared::template::{NoVariables, Render, Template, Variables};

use crate::wall_clock::now_ns;

/// Replaces variables.
pub struct Replacer<'a> {
    scopes: &'a dyn Variables,
    /// Source of dynamic values. If `None`, dynamic variables stay as typed.
    source: Option<DynamicSource>,
    unix_ns: u64,
    unresolved: BTreeSet<String>,
}

impl<'a> Replacer<'a> {
    /// Creates a replacer that also replaces dynamic variables.
    pub fn now(scopes: &'a dyn Variables) -> Self {
        Self {
            source: Some(DynamicSource::new(fastrand::u64(..))),
            ..Self::later(scopes)
        }
    }

    /// Creates a replacer that leaves dynamic variables to the sender, which replaces them for each request.
    pub fn later(scopes: &'a dyn Variables) -> Self {
        Self {
            scopes,
            source: None,
            unix_ns: now_ns(),
            unresolved: BTreeSet::new(),
        }
    }

    /// Returns the names of undefined variables found so far.
    pub fn unresolved(&self) -> &BTreeSet<String> {
        &self.unresolved
    }

    /// Returns a text with its variables replaced.
    pub fn text(&mut self, text: &str) -> String {
        let template = Template::compile(text, self.scopes, &mut self.unresolved);
        match &mut self.source {
            Some(source) => template.render_text(source, self.unix_ns),
            None => template.typed(),
        }
    }

    /// Returns a header value with its variables replaced. Control characters in dynamic values become spaces.
    pub fn line(&mut self, text: &str) -> String {
        let template = Template::compile(text, self.scopes, &mut self.unresolved);
        let Some(source) = &mut self.source else {
            return template.typed();
        };
        let (mut value, mut out) = (Vec::new(), Vec::new());
        let mut render = Render {
            source,
            unix_ns: self.unix_ns,
            variables: &NoVariables,
            scratch: &mut value,
            write: in_line,
            write_variable: in_line,
            write_name: in_line,
        };
        template.render_with(&mut render, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Replaces the variables in every text of an object, including field names.
    pub fn object(&mut self, object: &Map<String, Value>) -> Map<String, Value> {
        let fields = object.iter();
        fields
            .map(|(name, value)| (self.text(name), self.value(value)))
            .collect()
    }

    /// Replaces the variables in every text of a value.
    pub fn value(&mut self, value: &Value) -> Value {
        map_strings(value, &mut |text| self.text(text))
    }
}
