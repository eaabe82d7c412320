//! Who may do what: tokens with scopes, sessions of browsers, and a bound on guesses.
//!
//! It knows no HTTP beyond methods and paths; `api::guard` reads headers and answers.

mod attempts;
mod sessions;
mod tokens;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Instant;

use attempts::Attempts;
use sessions::Sessions;
use tokens::Token;

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
    tokens: RwLock<Vec<Token>>,
    own: Option<Token>,
    file: Option<PathBuf>,
    attempts: Mutex<Attempts>,
    sessions: Mutex<Sessions>,
}

impl Access {
    /// With a `token` that may do everything, and those of a `file`.
    ///
    /// # Errors
    /// When the file cannot be read, or a line of it is none.
    pub fn new(token: Option<&str>, file: Option<PathBuf>) -> Result<Self, TokenFileError> {
        let access = Self {
            tokens: RwLock::default(),
            own: token.map(|token| Token::new("token", Scope::Admin, token)),
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
        let mut tokens = match &self.file {
            Some(file) => tokens::read(file)?,
            None => Vec::new(),
        };
        tokens.extend(self.own.clone());
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|client| tokens.iter().any(|token| token.client == *client));
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
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
        self.guarded(from, || {
            let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
            tokens::find(&tokens, token)
        })
    }

    /// Who has the session of this key; `from` is where it came from.
    ///
    /// # Errors
    /// As [`Self::by_token`].
    pub fn by_session(&self, key: &str, from: IpAddr) -> Result<Client, Denied> {
        self.guarded(from, || self.sessions().find(key, Instant::now()))
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

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, unless too many looks from there found nothing.
    fn guarded(
        &self,
        from: IpAddr,
        look: impl FnOnce() -> Option<Client>,
    ) -> Result<Client, Denied> {
        let attempts = || self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(wait) = attempts().wait(from, now) {
            return Err(Denied::TooMany(wait));
        }
        match look() {
            Some(client) => Ok(client),
            None => {
                tracing::warn!(%from, "audit: a token or a session was refused");
                attempts().failed(from, now);
                Err(Denied::Unknown)
            }
        }
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
        assert_eq!(access.by_session(key.text(), HERE), Ok(client));
        std::fs::write(file.path(), "other run else\n").expect("writable");
        access.reload().expect("readable");
        assert_eq!(access.by_token("s3cret", HERE), Err(Denied::Unknown));
        assert_eq!(access.by_session(key.text(), HERE), Err(Denied::Unknown));
        std::fs::write(file.path(), "broken\n").expect("writable");
        access.reload().expect_err("a line of one word");
        assert!(
            access.by_token("else", HERE).is_ok(),
            "what was read before stays"
        );
    }

    #[test]
    fn guesses_are_bounded_for_each_address() {
        let access = Access::new(Some("right"), None).expect("no file");
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
