//! The configuration in force, which may be replaced while runs go on: each run
//! keeps the one it began with.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::config::{Config, ConfigChange};
use crate::store::{Store, StoreError};

/// See the module.
pub struct Settings {
    current: RwLock<Arc<Config>>,
    /// Held from the store to the replacement, so that both see changes in the
    /// same order.
    changing: Mutex<()>,
}

impl Settings {
    /// These to begin with.
    pub fn new(config: Config) -> Self {
        Self {
            current: RwLock::new(Arc::new(config)),
            changing: Mutex::new(()),
        }
    }

    /// Those in force.
    pub fn current(&self) -> Arc<Config> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stores a change and puts it in force; the new settings are returned.
    ///
    /// # Errors
    /// Those of the store; nothing is changed then.
    pub fn change(&self, change: &ConfigChange, store: &Store) -> Result<Arc<Config>, StoreError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        store.put_settings(&change.stored())?;
        let mut config = Config::clone(&self.current());
        change.apply(&mut config);
        let config = Arc::new(config);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::clone(&config);
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_stored_and_whoever_began_before_keeps_the_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("vayu.db")).expect("a new database");
        let settings = Settings::new(Config::new(2));
        let before = settings.current();
        let change = ConfigChange::read(&json!({"maxConnections": 7})).expect("legal");
        let after = settings.change(&change, &store).expect("stored");
        assert_eq!((before.max_connections, after.max_connections), (10_000, 7));
        assert_eq!(settings.current(), after);
        let stored = store.settings().expect("readable");
        assert_eq!(Config::from_settings(2, &stored), *after);
        store.close();
        // What cannot be stored does not come into force.
        let store = Store::open(&folder.path().join("vayu.db")).expect("it exists");
        store.clone().close();
        let change = ConfigChange::read(&json!({"maxConnections": 8})).expect("legal");
        assert!(settings.change(&change, &store).is_err());
        assert_eq!(settings.current(), after);
    }
}
