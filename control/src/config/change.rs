//! A change of settings, the body of `POST /config`: new values of some settings, accepted or refused as a
//! whole.
//!
//! The body has one of two forms: `{"entries": {"key": "value"}}` or flat `{"key": value}`. In both, a value
//! is a number or a string of digits.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use vayu_shared::field_error::FieldError;

use super::{Config, SETTINGS, Setting};

/// Validated new values.
pub struct ConfigChange(Vec<(&'static Setting, u64)>);

impl ConfigChange {
    /// Parses a body.
    ///
    /// # Errors
    /// Returns an error for the first key that is unknown or cannot be changed, or value that is out of its
    /// range.
    pub fn read(body: &Value) -> Result<Self, FieldError> {
        let values = values_of(body)?.iter();
        let values = values.map(|(key, value)| setting(key).and_then(|known| one(known, value)));
        values.collect::<Result<_, _>>().map(Self)
    }

    /// Returns the new values in the form of the store.
    #[must_use]
    pub fn stored(&self) -> BTreeMap<String, String> {
        let pairs = self.0.iter();
        pairs
            .map(|(setting, value)| (setting.key.to_owned(), value.to_string()))
            .collect()
    }

    /// Applies the new values to `config`.
    pub fn apply(&self, config: &mut Config) {
        for (setting, value) in &self.0 {
            setting.set(config, *value);
        }
    }
}

fn values_of(body: &Value) -> Result<&Map<String, Value>, FieldError> {
    let Some(fields) = body.as_object() else {
        return Err(FieldError::new("body", "has to be a JSON object"));
    };
    let Some(entries) = fields.get("entries") else {
        return Ok(fields);
    };
    if let Some(other) = fields.keys().find(|key| *key != "entries") {
        let problem = "is next to `entries`; put all settings into `entries`, or omit `entries`";
        return Err(FieldError::new(other, problem));
    }
    entries.as_object().ok_or_else(|| {
        FieldError::new(
            "entries",
            "has to be an object of settings and their values",
        )
    })
}

fn setting(key: &str) -> Result<&'static Setting, FieldError> {
    if key == "workers" {
        let problem = "cannot be changed at run time; it is set at start (--workers, --cpus)";
        return Err(FieldError::new(key, problem));
    }
    Setting::find(key).ok_or_else(|| {
        let keys: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        FieldError::new(
            key,
            format!("is not a setting; the settings are {}", keys.join(", ")),
        )
    })
}

fn one(setting: &'static Setting, value: &Value) -> Result<(&'static Setting, u64), FieldError> {
    let number = match value {
        Value::String(digits) => digits.trim().parse().ok(),
        other => other.as_u64(),
    };
    let legal = number.filter(|number| setting.allows(*number));
    legal.map(|number| (setting, number)).ok_or_else(|| {
        let problem = format!("is {value}; expected {}", setting.range_text());
        FieldError::new(setting.key, problem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_change_what_they_name_and_nothing_else() {
        for body in [
            json!({"maxConnections": 50, "statsInterval": "250"}),
            json!({"entries": {"maxConnections": "50", "statsInterval": 250}}),
        ] {
            let change =
                ConfigChange::read(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
            let mut config = Config::new(2);
            change.apply(&mut config);
            let expected = Config {
                max_connections: 50,
                stats_interval: 250,
                ..Config::new(2)
            };
            assert_eq!(config, expected, "{body}");
            let stored = [("maxConnections", "50"), ("statsInterval", "250")];
            let stored = stored.map(|(key, value)| (key.to_owned(), value.to_owned()));
            assert_eq!(change.stored(), stored.into(), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        for (body, words) in [
            (json!([]), "`body` has to be a JSON object"),
            (json!({"entries": []}), "`entries` has to be an object"),
            (
                json!({"entries": {}, "maxConnections": 1}),
                "`maxConnections` is next to",
            ),
            (
                json!({"maxConnection": 1}),
                "`maxConnection` is not a setting; the settings are maxConnections, ",
            ),
            (
                json!({"workers": 4}),
                "`workers` cannot be changed at run time",
            ),
            (
                json!({"maxConnections": 0}),
                "`maxConnections` is 0; expected a whole number from 1 to 100000",
            ),
            (
                json!({"maxConnections": 1.5}),
                "`maxConnections` is 1.5; expected a whole number",
            ),
            (
                json!({"entries": {"maxConnections": "x"}}),
                "`maxConnections` is \"x\"; expected",
            ),
            (
                json!({"statsInterval": true}),
                "`statsInterval` is true; expected a whole number from 10 to 1000 that divides 1000",
            ),
            (
                json!({"statsInterval": 700}),
                "`statsInterval` is 700; expected a whole number from 10 to 1000 that divides 1000",
            ),
            (
                json!({"statsInterval": null}),
                "`statsInterval` is null; expected",
            ),
        ] {
            let error = ConfigChange::read(&body).err();
            let error = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(words), "{body}: {error}");
        }
    }
}
