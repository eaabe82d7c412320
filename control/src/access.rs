//! Who may do what: tokens with scopes, sessions of browsers, and a bound on guesses.
//!
//! It knows no HTTP beyond methods and paths; `api::guard` reads headers and answers.

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
pub use tokens::{TokenFileError, usable};

/// What a client may do; each scope includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Read everything that is stored.
    Read,
    /// Make requests and runs, stop and pin them.
    Run,
    /// Change and delete what is stored, change settings, end the engine.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Read, Self::Run, Self::Admin];

    /// Its name in token files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Admin => "admin",
        }
    }

    /// What a request needs.
    #[must_use]
    pub fn needed(method: &str, path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match (method, parts.as_slice()) {
            ("GET" | "HEAD" | "OPTIONS", _) => Self::Read,
            // A session is ended by whoever has it.
            ("DELETE", ["session"]) => Self::Read,
            ("POST", ["run" | "request"]) => Self::Run,
            ("POST", ["run", _, "stop" | "pin"]) | ("DELETE", ["run", _, "pin"]) => Self::Run,
            _ => Self::Admin,
        }
    }
}

/// Somebody who showed a token or a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What the token is called, for logs.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// The hash of the token: another one of the same name is another client.
    token: [u8; 32],
}

impl Client {
    /// Whoever shows this token, which is called `name`.
    fn new(name: &str, scope: Scope, token: &str) -> Self {
        Self {
            name: name.to_owned(),
            scope,
            token: tokens::hash(token),
        }
    }
}

/// Why a token or a session is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It is none that the engine knows.
    Unknown,
    /// Too many were wrong that came from there; how many seconds to wait.
    TooMany(u64),
}

/// See the module.
pub struct Access {
    clients: RwLock<Vec<Client>>,
    own: Option<Client>,
    file: Option<PathBuf>,
    attempts: Mutex<Attempts>,
    sessions: Mutex<Sessions>,
}

impl Access {
    /// Accepts `token` for everything, and each token in `file` within its scope.
    ///
    /// # Errors
    /// When the file cannot be read, or a line of it is none.
    pub fn new(token: Option<&str>, file: Option<PathBuf>) -> Result<Self, TokenFileError> {
        let access = Self {
            clients: RwLock::default(),
            own: token.map(|token| Client::new("token", Scope::Admin, token)),
            file,
            attempts: Mutex::default(),
            sessions: Mutex::default(),
        };
        access.reload()?;
        Ok(access)
    }

    /// Reads the file of tokens anew; those it has no more are worth nothing from now on, and
    /// neither are the sessions begun with them.
    ///
    /// # Errors
    /// As [`Self::new`]; the tokens stay as they were then.
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

    /// Whether a token is asked for.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.own.is_some() || self.file.is_some()
    }

    /// Who has this token; `from` is where it came from.
    ///
    /// # Errors
    /// See [`Denied`]. Each wrong token counts against its address.
    pub fn by_token(&self, token: &str, from: IpAddr) -> Result<Client, Denied> {
        let hash = tokens::hash(token);
        let now = Instant::now();
        let mut attempts = self.attempts();
        if let Some(wait) = attempts.wait(from, &hash, now) {
            // One line until the next is looked at: whoever guesses must not fill the log.
            if attempts.is_news(from) {
                tracing::warn!(%from, "audit: tokens are not looked at for {wait} s, too many were wrong");
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

    /// Who has the session of this key. Keys are too long to be guessed, and an old one is what a
    /// page left open has, so it does not count as a guess.
    ///
    /// # Errors
    /// [`Denied::Unknown`].
    pub fn by_session(&self, key: &str) -> Result<Client, Denied> {
        let found = self.sessions().find(key, Instant::now());
        found.ok_or(Denied::Unknown)
    }

    /// Begins a session.
    #[must_use]
    pub fn begin_session(&self, client: Client) -> SessionKey {
        self.sessions().begin(client, Instant::now())
    }

    /// Ends a session, if it is one.
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
        use Scope::{Admin, Read, Run};
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
            assert_eq!(Scope::needed(method, path), scope, "{method} {path}");
        }
    }

    #[test]
    fn a_session_ends_with_its_token() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "lab run s3cret\n").expect("writable");
        let access = Access::new(None, Some(file.path().to_owned())).expect("readable");
        let client = access.by_token("s3cret", HERE).expect("it is in the file");
        assert_eq!((client.name.as_str(), client.scope), ("lab", Scope::Run));
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
