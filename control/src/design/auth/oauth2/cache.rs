//! Cache of tokens, reused by later requests that need the same one.
//!
//! The cache is in memory, bounded in size and owned by one thread. It neither renews tokens nor removes
//! expired ones: a token that is no longer fresh may still carry a refresh token.

use std::collections::VecDeque;

use super::AccessToken;

/// Tokens by the key of their [`TokenSpec`](super::TokenSpec).
#[derive(Clone, Debug, Default)]
pub struct TokenCache {
    /// Oldest first. There are few tokens, so a linear search costs less than a map.
    tokens: VecDeque<(String, AccessToken)>,
}

impl TokenCache {
    /// Maximum number of tokens.
    pub const CAPACITY: usize = 256;

    /// Returns the token of a key, fresh or not.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&AccessToken> {
        let mut tokens = self.tokens.iter();
        let found = tokens.find(|(known, _)| known == key);
        found.map(|(_, token)| token)
    }

    /// Stores a token, replacing the key's earlier one. If the cache is full, the oldest token is evicted.
    pub fn put(&mut self, key: String, token: AccessToken) {
        self.remove(&key);
        if self.tokens.len() == Self::CAPACITY {
            self.tokens.pop_front();
        }
        self.tokens.push_back((key, token));
    }

    /// Drops a token that the resource rejected, unless the key has a newer one. A token with a refresh token
    /// is kept and marked for renewal, because the refresh token may still be valid.
    pub fn refuse(&mut self, key: &str, token: &AccessToken) {
        let mut tokens = self.tokens.iter_mut();
        let found =
            tokens.find(|(known, kept)| known == key && kept.access_token == token.access_token);
        match found {
            Some((_, kept)) if kept.refresh_token.is_some() => kept.renew_at_ms = Some(0),
            Some(_) => self.remove(key),
            None => {}
        }
    }

    /// Drops all tokens, including refresh tokens, and returns how many there were.
    pub fn clear(&mut self) -> usize {
        let count = self.tokens.len();
        self.tokens.clear();
        count
    }

    fn remove(&mut self, key: &str) {
        self.tokens.retain(|(known, _)| known != key);
    }
}
