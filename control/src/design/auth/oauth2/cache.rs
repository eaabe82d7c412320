//! Tokens kept for the next request that needs the same one.
//!
//! It lives in memory, is of bounded size and belongs to one thread. It neither
//! renews tokens nor drops those that have ended: a token that is no longer
//! fresh may still hold a refresh token.

use std::collections::VecDeque;

use super::Token;

/// Tokens by the key of their [`TokenSpec`](super::TokenSpec).
#[derive(Clone, Debug, Default)]
pub struct TokenCache {
    /// The oldest first. They are few, so a search costs less than a map.
    tokens: VecDeque<(String, Token)>,
}

impl TokenCache {
    /// How many tokens it holds at most.
    pub const CAPACITY: usize = 256;

    /// The token of a key, fresh or not.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Token> {
        let mut tokens = self.tokens.iter();
        let found = tokens.find(|(known, _)| known == key);
        found.map(|(_, token)| token)
    }

    /// Keeps a token in place of the key's earlier one. When there are too
    /// many, the one that was put in first goes.
    pub fn put(&mut self, key: String, token: Token) {
        self.remove(&key);
        if self.tokens.len() == Self::CAPACITY {
            self.tokens.pop_front();
        }
        self.tokens.push_back((key, token));
    }

    /// Drops a token that its resource refused, unless the key has another by now. Its
    /// refresh token is kept: it may be good for a new one.
    pub fn refuse(&mut self, key: &str, token: &Token) {
        let mut tokens = self.tokens.iter_mut();
        let found =
            tokens.find(|(known, kept)| known == key && kept.access_token == token.access_token);
        match found {
            Some((_, kept)) if kept.refresh_token.is_some() => kept.renew_at_ms = Some(0),
            Some(_) => self.remove(key),
            None => {}
        }
    }

    /// Drops all tokens, refresh tokens too, and says how many.
    pub fn clear(&mut self) -> usize {
        let count = self.tokens.len();
        self.tokens.clear();
        count
    }

    fn remove(&mut self, key: &str) {
        self.tokens.retain(|(known, _)| known != key);
    }
}
