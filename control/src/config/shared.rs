//! The current configuration, shared by all parts of the engine. It may be replaced during runs: each run
//! keeps the configuration it started with.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{Config, ConfigChange};
use crate::store::{Store, StoreError};

/// See the module documentation.
#[derive(Clone)]
pub struct SharedConfig {
    inner: Arc<Inner>,
}

struct Inner {
    current: RwLock<Arc<Config>>,
    /// Store for changes.
    store: Store,
    /// Held while the store and then the current value are changed, so that both see changes in the same
    /// order.
    changing: Mutex<()>,
}

impl SharedConfig {
    /// Creates a shared configuration that starts as `config`. Changes are kept in `store`.
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        let inner = Inner {
            current: RwLock::new(Arc::new(config)),
            store,
            changing: Mutex::new(()),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns the current configuration.
    #[must_use]
    pub fn current(&self) -> Arc<Config> {
        let current = self.inner.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Stores a change of settings and applies it to runs started from now on. Blocks.
    ///
    /// # Errors
    /// Returns the store's error. Nothing is changed then.
    pub fn change(&self, change: &ConfigChange) -> Result<Arc<Config>, StoreError> {
        let inner = &*self.inner;
        let _changing = inner
            .changing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        inner.store.put_settings(&change.stored())?;
        let mut config = Config::clone(&self.current());
        change.apply(&mut config);
        let config = Arc::new(config);
        let mut current = inner
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
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
        let settings = SharedConfig::new(Config::new(2), store.clone());
        let before = settings.current();
        let change = ConfigChange::read(&json!({"maxConnections": 7})).expect("legal");
        let after = settings.change(&change).expect("stored");
        assert_eq!((before.max_connections, after.max_connections), (10_000, 7));
        assert_eq!(settings.current(), after);
        let stored = store.settings().expect("readable");
        assert_eq!(Config::from_settings(2, &stored), *after);
        store.close();
        // A change that cannot be stored has no effect.
        let change = ConfigChange::read(&json!({"maxConnections": 8})).expect("legal");
        assert!(settings.change(&change).is_err());
        assert_eq!(settings.current(), after);
    }
}
