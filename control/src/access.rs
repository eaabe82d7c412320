//! Access control: tokens with scopes, browser sessions, and a rate limit for wrong tokens.
//!
//! It knows no HTTP beyond methods and paths; `api::guard` reads headers and writes responses.

mod attempts;
mod sessions;
mod tokens;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use attempts::Attempts;
use sessions::Sessions;

pub use sessions::{SESSION_SECONDS, SessionKey};
pub use tokens::{TokenFileError, validate_token};

/// What a client may do. Each scope includes the preceding ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenScope {
    /// Read all stored data.
    Read,
    /// Send requests, and start, stop and pin runs.
    Run,
    /// Change and delete stored data, change settings, shut the engine down.
    Admin,
}

impl TokenScope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Read, Self::Run, Self::Admin];

    /// Returns the name of the scope in token files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Admin => "admin",
        }
    }

    /// Returns the scope that a request requires.
    #[must_use]
    pub fn needed(method: &str, path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match (method, parts.as_slice()) {
            ("GET" | "HEAD" | "OPTIONS", _) => Self::Read,
            // Every client may end its own session.
            ("DELETE", ["session"]) => Self::Read,
            ("POST", ["run" | "request"]) => Self::Run,
            ("POST", ["run", _, "stop" | "pin"]) | ("DELETE", ["run", _, "pin"]) => Self::Run,
            _ => Self::Admin,
        }
    }
}

/// An authenticated client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiClient {
    /// Name of the token, for logs.
    pub name: String,
    /// Scope of the token.
    pub scope: TokenScope,
    /// Hash of the token: a new token of the same name is another client.
    token: [u8; 32],
}

impl ApiClient {
    /// Creates the client of this token.
    fn new(name: &str, scope: TokenScope, token: &str) -> Self {
        Self {
            name: name.to_owned(),
            scope,
            token: tokens::hash(token),
        }
    }
}

/// Why a token or a session is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The token or session is unknown.
    Unknown,
    /// Too many wrong tokens came from the address. Seconds to wait.
    TooMany(u64),
}

/// See the module documentation.
pub struct Access {
    clients: RwLock<Vec<ApiClient>>,
    own: Option<ApiClient>,
    file: Option<PathBuf>,
    attempts: Mutex<Attempts>,
    sessions: Mutex<Sessions>,
}

impl Access {
    /// Accepts `token` with the scope [`TokenScope::Admin`], and each token in `file` with its own scope.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or contains an invalid line.
    pub fn new(token: Option<&str>, file: Option<PathBuf>) -> Result<Self, TokenFileError> {
        let access = Self {
            clients: RwLock::default(),
            own: token.map(|token| ApiClient::new("token", TokenScope::Admin, token)),
            file,
            attempts: Mutex::default(),
            sessions: Mutex::default(),
        };
        access.reload()?;
        Ok(access)
    }

    /// Reloads the token file. Tokens that are no longer in it are rejected from now on, and sessions begun
    /// with them end.
    ///
    /// # Errors
    /// See [`Self::new`]. The tokens stay unchanged on error.
    pub fn reload(&self) -> Result<(), TokenFileError> {
        let mut clients = match &self.file {
            Some(file) => tokens::read(file)?,
            None => Vec::new(),
        };
        clients.extend(self.own.clone());
        self.sessions().retain(|client| clients.contains(client));
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = clients;
        Ok(())
    }

    /// Returns whether clients need a token.
    #[must_use]
    pub fn requires_token(&self) -> bool {
        self.own.is_some() || self.file.is_some()
    }

    /// Returns the client of this token; `from` is the client's address.
    ///
    /// # Errors
    /// See [`Denied`]. Each wrong token counts against the address.
    pub fn by_token(&self, token: &str, from: IpAddr) -> Result<ApiClient, Denied> {
        let hash = tokens::hash(token);
        let now = Instant::now();
        let mut attempts = self.attempts();
        if let Some(wait) = attempts.wait(from, &hash, now) {
            // One line per blocked period, so that a client that guesses cannot fill the log.
            if attempts.mark_logged(from) {
                tracing::warn!(%from, "audit: tokens from this address are rejected for {wait} s after too many wrong ones");
            }
            return Err(Denied::TooMany(wait));
        }
        drop(attempts);
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        let found = tokens::find(&clients, &hash);
        drop(clients);
        match found {
            Some(client) => {
                self.attempts().right(from, hash);
                Ok(client)
            }
            None => {
                tracing::warn!(%from, "audit: a token was refused");
                self.attempts().wrong(from, now);
                Err(Denied::Unknown)
            }
        }
    }

    /// Returns the client of the session with this key. An unknown key does not count as a guess: keys are
    /// too long to be guessed, and an expired one comes from a page that was left open.
    ///
    /// # Errors
    /// Returns [`Denied::Unknown`] if there is no such session.
    pub fn by_session(&self, key: &str) -> Result<ApiClient, Denied> {
        let found = self.sessions().find(key, Instant::now());
        found.ok_or(Denied::Unknown)
    }

    /// Starts a session.
    #[must_use]
    pub fn begin_session(&self, client: ApiClient) -> SessionKey {
        self.sessions().begin(client, Instant::now())
    }

    /// Ends a session if it exists.
    pub fn end_session(&self, key: &str) {
        self.sessions().end(key);
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_request_needs_the_least_scope_that_may_do_it() {
        use TokenScope::{Admin, Read, Run};
        for (method, path, scope) in [
            ("GET", "/health", Read),
            ("HEAD", "/runs", Read),
            ("GET", "/cookies", Read),
            ("DELETE", "/session", Read),
            ("POST", "/run", Run),
            ("POST", "/request", Run),
            ("POST", "/run/run_1/stop", Run),
            ("POST", "/run/run_1/pin", Run),
            ("DELETE", "/run/run_1/pin", Run),
            ("DELETE", "/run/run_1", Admin),
            ("DELETE", "/runs", Admin),
            ("POST", "/config", Admin),
            ("POST", "/shutdown", Admin),
            ("POST", "/collections", Admin),
            ("PUT", "/never", Admin),
            ("POST", "/run/", Run),
            ("POST", "//shutdown", Admin),
        ] {
            assert_eq!(TokenScope::needed(method, path), scope, "{method} {path}");
        }
    }

    #[test]
    fn a_session_ends_with_its_token() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "lab run s3cret\n").expect("writable");
        let access = Access::new(None, Some(file.path().to_owned())).expect("readable");
        let client = access.by_token("s3cret", HERE).expect("it is in the file");
        assert_eq!(
            (client.name.as_str(), client.scope),
            ("lab", TokenScope::Run)
        );
        let key = access.begin_session(client.clone());
        assert_eq!(access.by_session(key.text()), Ok(client));
        std::fs::write(file.path(), "other run else\n").expect("writable");
        access.reload().expect("readable");
        assert_eq!(access.by_token("s3cret", HERE), Err(Denied::Unknown));
        assert_eq!(access.by_session(key.text()), Err(Denied::Unknown));
        std::fs::write(file.path(), "other run replaced\n").expect("writable");
        let old = access.by_token("else", HERE).expect("it is in the file");
        let key = access.begin_session(old);
        access.reload().expect("readable");
        let gone = access.by_session(key.text());
        assert_eq!(gone, Err(Denied::Unknown), "another token of the same name");
        std::fs::write(file.path(), "broken\n").expect("writable");
        access.reload().expect_err("a line of one word");
        assert!(
            access.by_token("replaced", HERE).is_ok(),
            "what was read before stays"
        );
    }

    #[test]
    fn guesses_are_bounded_for_each_address() {
        let access = Access::new(Some("right"), None).expect("no file");
        let known: IpAddr = [10, 0, 0, 2].into();
        assert!(access.by_token("right", known).is_ok());
        (0..100).for_each(|_| drop(access.by_token("wrong", known)));
        assert!(
            access.by_token("right", known).is_ok(),
            "it was right there before"
        );
        let other: IpAddr = [10, 0, 0, 1].into();
        let guesses = (0..100).map(|number| access.by_token(&format!("wrong{number}"), HERE));
        let judged = guesses
            .filter(|guess| *guess == Err(Denied::Unknown))
            .count();
        assert!(judged < 15, "{judged} guesses were looked at");
        assert!(matches!(
            access.by_token("right", HERE),
            Err(Denied::TooMany(_))
        ));
        assert!(access.by_token("right", other).is_ok());
    }
}
