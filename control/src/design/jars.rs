//! The cookie jars, one per environment: read from the store when first used,
//! and stored again after each request that may have changed them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::blocking::blocking;
use super::cookies::CookieJar;
use super::failure::DesignError;
use crate::store::Store;

/// A jar that requests share.
pub struct SharedJar {
    cookies: Mutex<CookieJar>,
    /// As JSON text, what was stored last; held while something else is stored, so
    /// that the newest comes last.
    stored: tokio::sync::Mutex<String>,
}

/// Does something with a jar while nobody else does.
pub fn in_jar<T>(jar: &SharedJar, work: impl FnOnce(&mut CookieJar) -> T) -> T {
    work(&mut jar.cookies.lock().unwrap_or_else(PoisonError::into_inner))
}

/// See the module.
pub struct Jars {
    store: Store,
    open: Mutex<BTreeMap<String, Arc<SharedJar>>>,
}

impl Jars {
    /// The jars of a store.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            open: Mutex::default(),
        }
    }

    /// The jar of an environment; requests without one share that of no name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of(&self, environment: &str) -> Result<Arc<SharedJar>, DesignError> {
        if let Some(jar) = self.open().get(environment) {
            return Ok(Arc::clone(jar));
        }
        let (store, id) = (self.store.clone(), environment.to_owned());
        let stored = blocking(move || store.cookie_jar(&id)).await?;
        let stored = stored.unwrap_or_default();
        // One that cannot be read begins anew: cookies are come by again.
        let cookies = CookieJar::from_json(&stored).unwrap_or_default();
        let mut open = self.open();
        // Somebody may have been faster.
        let jar = open.entry(environment.to_owned()).or_insert_with(|| {
            Arc::new(SharedJar {
                cookies: Mutex::new(cookies),
                stored: tokio::sync::Mutex::new(stored),
            })
        });
        Ok(Arc::clone(jar))
    }

    /// Stores a jar, if it is not as it was stored last.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep(&self, environment: &str, jar: &SharedJar) -> Result<(), DesignError> {
        let mut stored = jar.stored.lock().await;
        let text = in_jar(jar, |jar| jar.to_json());
        if *stored != text {
            let (store, id, kept) = (self.store.clone(), environment.to_owned(), text.clone());
            blocking(move || store.save_cookie_jar(&id, &kept)).await?;
            *stored = text;
        }
        Ok(())
    }

    /// Forgets the jar of an environment that is no more. A request that goes on with it
    /// may still store it.
    pub fn forget(&self, environment: &str) {
        self.open().remove(environment);
    }

    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<SharedJar>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_last_is_the_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("vayu.db")).expect("a new database");
        let jars = Arc::new(Jars::new(store.clone()));
        let url = url::Url::parse("http://127.0.0.1/").expect("a URL");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let tasks = tokio::task::LocalSet::new();
        tasks.block_on(&runtime, async {
            let requests = (0..40).map(|number| {
                let (jars, url) = (Arc::clone(&jars), url.clone());
                tokio::task::spawn_local(async move {
                    let jar = jars.of("env").await.expect("readable");
                    let cookie = format!("n{number}=1");
                    in_jar(&jar, |jar| jar.store(&url, &[&cookie]));
                    jars.keep("env", &jar).await.expect("writable");
                })
            });
            for request in requests.collect::<Vec<_>>() {
                request.await.expect("no panic");
            }
            let jar = jars.of("env").await.expect("readable");
            let (text, count) = in_jar(&jar, |jar| (jar.to_json(), jar.list().len()));
            assert_eq!(count, 40);
            assert_eq!(store.cookie_jar("env"), Ok(Some(text)));
        });
    }
}
