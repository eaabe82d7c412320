//! The cookie jars, one per environment. A jar is read from the store on first use and stored after each
//! request that may have changed it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::blocking::blocking;
use super::cookies::CookieJar;
use super::failure::DesignError;
use crate::store::Store;

/// A jar shared by requests.
pub struct SharedJar {
    cookies: Mutex<CookieJar>,
    /// The JSON text stored last. The lock is held while storing, so that the newest version is written last.
    stored: tokio::sync::Mutex<String>,
}

/// Runs `work` with exclusive access to a jar.
pub fn in_jar<T>(jar: &SharedJar, work: impl FnOnce(&mut CookieJar) -> T) -> T {
    work(&mut jar.cookies.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The cookie jars of a store.
pub struct Jars {
    store: Store,
    open: Mutex<BTreeMap<String, Arc<SharedJar>>>,
}

impl Jars {
    /// Creates the jars of a store.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            open: Mutex::default(),
        }
    }

    /// Returns the jar of an environment. Requests without an environment share the jar with the empty name.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn of(&self, environment: &str) -> Result<Arc<SharedJar>, DesignError> {
        if let Some(jar) = self.open().get(environment) {
            return Ok(Arc::clone(jar));
        }
        let (store, id) = (self.store.clone(), environment.to_owned());
        let stored = blocking(move || store.cookie_jar(&id)).await?;
        let stored = stored.unwrap_or_default();
        // A jar that cannot be read starts empty: its cookies will be set again.
        let cookies = CookieJar::from_json(&stored).unwrap_or_default();
        let mut open = self.open();
        // Another request may have inserted it meanwhile.
        let jar = open.entry(environment.to_owned()).or_insert_with(|| {
            Arc::new(SharedJar {
                cookies: Mutex::new(cookies),
                stored: tokio::sync::Mutex::new(stored),
            })
        });
        Ok(Arc::clone(jar))
    }

    /// Stores a jar if it has changed since it was stored last.
    ///
    /// # Errors
    /// Returns an error if the store fails.
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

    /// Forgets the jar of a deleted environment. A request that still uses it may store it again.
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
