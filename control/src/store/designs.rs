//! Design runs, and the cookies set during them.
//!
//! A design run is stored after it has ended, together with its result and its numbers, in one transaction.
//! This module does not interpret its JSON text.

use diesel::prelude::*;

use super::results::{self, NewResult, ResultBatch};
use super::run_rows::{self, Ending};
use super::runs::{FinishedRun, NewRun};
use super::schema::cookie_jars;
use super::{Store, StoreError};
use crate::private_key;
use crate::redact::{redacted, secrets, without};
use crate::wall_clock::now_ms;

/// Redacts the secrets of a design run: in its configuration, and wherever they were sent, received or
/// reported by scripts.
fn redacted_design(run: NewRun, result: NewResult) -> (NewRun, NewResult) {
    let secrets = secrets(&run.config_snapshot);
    let clean = |text: String| without(redacted(&text).into_owned(), &secrets);
    let run = NewRun {
        config_snapshot: redacted(&run.config_snapshot).into_owned(),
        ..run
    };
    let result = NewResult {
        trace: result.trace.map(clean),
        ..result
    };
    (run, result)
}

impl Store {
    /// Stores a design run. All of it is committed when this returns.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn record_design(
        &self,
        run: NewRun,
        result: NewResult,
        finished: FinishedRun,
    ) -> Result<(), StoreError> {
        let run = run.linked();
        let (run, result) = match self.redacts() {
            true => redacted_design(run, result),
            false => (run, result),
        };
        let ending = Ending::new(finished);
        let batch = ResultBatch::new(&run.id, vec![result]);
        self.change(move |connection| {
            run_rows::insert(connection, &run)?;
            results::insert(connection, &batch)?;
            run_rows::finish(connection, &ending)?;
            Ok(())
        })
    }

    /// Returns the cookies of an environment as JSON text, if any are stored.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn cookie_jar(&self, environment_id: &str) -> Result<Option<String>, StoreError> {
        let row = cookie_jars::table
            .find(environment_id)
            .select(cookie_jars::jar);
        self.shared
            .readers
            .read(|connection| row.first(connection).optional())
    }

    /// Stores the cookies of an environment.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn save_cookie_jar(&self, environment_id: &str, jar: &str) -> Result<(), StoreError> {
        // A private key is never a valid id.
        if private_key::detected_in(environment_id) {
            return Ok(());
        }
        let (environment_id, jar) = (environment_id.to_owned(), jar.to_owned());
        self.change(move |connection| {
            diesel::replace_into(cookie_jars::table)
                .values((
                    cookie_jars::environment_id.eq(&environment_id),
                    cookie_jars::jar.eq(&jar),
                    cookie_jars::updated_at.eq(now_ms()),
                ))
                .execute(connection)?;
            Ok(())
        })
    }
}
