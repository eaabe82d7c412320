//! Access tokens from an OAuth 2.0 token endpoint (RFC 6749): the requests of the client credentials grant
//! (4.4), the password grant (4.3) and the refresh (6), response parsing, and a token cache.
//!
//! This module sends nothing and supports no grant that needs a browser. Secrets appear neither in its
//! messages nor in `Debug` output.

mod cache;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;

use sha2::{Digest, Sha256};
use url::form_urlencoded;
use vayu_shared::auth::basic::basic;
use vayu_shared::auth::hex::hex;

pub use cache::TokenCache;
pub use token::AccessToken;

/// Placeholder shown instead of a secret.
const HIDDEN: &str = "***";

/// The authorization grant.
#[derive(Clone, PartialEq, Eq)]
pub enum Grant {
    /// The client's own credentials (RFC 6749, 4.4).
    ClientCredentials,
    /// A user's name and password (RFC 6749, 4.3).
    Password {
        /// User name.
        username: String,
        /// Password.
        password: String,
    },
}

/// Where the client id and secret are sent (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// In the `Authorization` header, which every server has to support.
    Header,
    /// In the body, as `client_id` and `client_secret`.
    Body,
}

/// Everything that determines which token is requested.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSpec {
    /// URL of the token endpoint.
    pub token_url: String,
    /// The authorization grant.
    pub grant: Grant,
    /// Client id. Empty for a request without a client.
    pub client_id: String,
    /// Client secret. Empty for a public client.
    pub client_secret: String,
    /// Requested scopes, separated by spaces.
    pub scope: Option<String>,
    /// API the token is for. Not part of RFC 6749, but required by some servers.
    pub audience: Option<String>,
    /// Where the client id and secret are sent.
    pub client_auth: ClientAuth,
}

/// A request to the token endpoint. It is sent as a `POST` with the `Content-Type`
/// `application/x-www-form-urlencoded`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Body, `application/x-www-form-urlencoded`.
    pub body: String,
    /// Value of the `Authorization` header, if any.
    pub authorization: Option<String>,
}

impl TokenSpec {
    /// Returns the request for a token. With `refresh_token`, returns the request that exchanges it for a new
    /// token.
    ///
    /// A refresh sends neither scope nor audience: it gets what was granted first, and a server may reject a
    /// request for more than that.
    #[must_use]
    pub fn request(&self, refresh_token: Option<&str>) -> TokenRequest {
        let mut form = form_urlencoded::Serializer::new(String::new());
        if let Some(refresh_token) = refresh_token {
            form.append_pair("grant_type", "refresh_token");
            form.append_pair("refresh_token", refresh_token);
        } else {
            match &self.grant {
                Grant::ClientCredentials => {
                    form.append_pair("grant_type", "client_credentials");
                }
                Grant::Password { username, password } => {
                    form.append_pair("grant_type", "password");
                    form.append_pair("username", username);
                    form.append_pair("password", password);
                }
            }
            let optional = [("scope", &self.scope), ("audience", &self.audience)];
            for (name, value) in optional {
                let value = value.iter().filter(|value| !value.is_empty());
                form.extend_pairs(value.map(|value| (name, value)));
            }
        }
        if self.client_auth == ClientAuth::Body {
            let pairs = [
                ("client_id", &self.client_id),
                ("client_secret", &self.client_secret),
            ];
            form.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        }
        TokenRequest {
            body: form.finish(),
            authorization: self.authorization(),
        }
    }

    /// Returns the key of the token in a [`TokenCache`]. Equal specs have equal keys. Secrets enter the key
    /// only through a SHA-256 hash.
    #[must_use]
    pub fn cache_key(&self) -> String {
        let grant = match &self.grant {
            Grant::ClientCredentials => ["client_credentials", "", ""],
            Grant::Password { username, password } => ["password", username, password],
        };
        let place = match self.client_auth {
            ClientAuth::Header => "header",
            ClientAuth::Body => "body",
        };
        let others = [
            &self.token_url,
            &self.client_id,
            &self.client_secret,
            self.scope.as_deref().unwrap_or_default(),
            self.audience.as_deref().unwrap_or_default(),
            place,
        ];
        let mut hash = Sha256::new();
        for part in grant.into_iter().chain(others) {
            // The length distinguishes "ab" + "c" from "a" + "bc".
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }

    /// Returns Basic credentials. Both parts are form-encoded first: RFC 6749 requires that so that an id may
    /// contain a colon.
    fn authorization(&self) -> Option<String> {
        let has_client = !(self.client_id.is_empty() && self.client_secret.is_empty());
        let encoded = |text: &str| -> String {
            let pieces = form_urlencoded::byte_serialize(text.as_bytes());
            pieces.collect()
        };
        (self.client_auth == ClientAuth::Header && has_client)
            .then(|| basic(&encoded(&self.client_id), &encoded(&self.client_secret)))
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientCredentials => formatter.write_str("ClientCredentials"),
            Self::Password { username, .. } => formatter
                .debug_struct("Password")
                .field("username", username)
                .field("password", &HIDDEN)
                .finish(),
        }
    }
}

/// Omits the URL, since its query may contain a key.
impl fmt::Debug for TokenSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenSpec")
            .field("grant", &self.grant)
            .field("client_id", &self.client_id)
            .field("client_secret", &HIDDEN)
            .field("scope", &self.scope)
            .field("audience", &self.audience)
            .field("client_auth", &self.client_auth)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authorization = self.authorization.as_ref().map(|_| HIDDEN);
        formatter
            .debug_struct("TokenRequest")
            .field("body", &HIDDEN)
            .field("authorization", &authorization)
            .finish()
    }
}
