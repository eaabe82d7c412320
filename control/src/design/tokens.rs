//! Access tokens: cached ones, and new ones from their token endpoints.

use std::sync::{MutexGuard, PoisonError};

use vayu_shared::body::URLENCODED;
use vayu_shared::http::Method;

use super::auth::Auth;
use super::auth::oauth2::{AccessToken, TokenCache, TokenSpec};
use super::failure::DesignError;
use super::hop::{Hop, Route};
use super::jars::SharedJar;
use super::redirect_chain::{ChainStart, RedirectChain};
use super::response::{ResponseHead, readable};
use super::{RequestExecutor, TOKEN_BYTES};
use crate::wall_clock::monotonic_ms;

impl RequestExecutor {
    /// Follows a redirect chain, with an access token if the authentication requires one.
    pub(super) async fn follow_hops(
        &self,
        departure: ChainStart<'_>,
        route: &Route<'_>,
        jar: Option<&SharedJar>,
    ) -> Result<RedirectChain, DesignError> {
        match departure.auth {
            Auth::OAuth2(spec) => self.follow_with_token(spec, departure, route, jar).await,
            _ => departure.follow_hops(route, jar).await,
        }
    }

    /// Returns a token: the cached one if it is still valid, otherwise a new one.
    pub(super) async fn token(
        &self,
        spec: &TokenSpec,
        route: &Route<'_>,
    ) -> Result<AccessToken, DesignError> {
        let now = monotonic_ms();
        let key = spec.cache_key();
        let kept = self.tokens().get(&key).cloned();
        let refresh = match &kept {
            Some(token) if token.is_fresh(now) => return Ok(token.clone()),
            Some(token) => token.refresh_token.clone(),
            None => None,
        };
        let mut token = self.fetch(spec, refresh.as_deref(), route).await;
        if token.is_err() && refresh.is_some() {
            // The refresh token may have expired, too.
            token = self.fetch(spec, None, route).await;
        }
        let token = match kept {
            Some(earlier) => token?.succeeding(&earlier),
            None => token?,
        };
        self.tokens().put(key, token.clone());
        Ok(token)
    }

    async fn fetch(
        &self,
        spec: &TokenSpec,
        refresh: Option<&str>,
        route: &Route<'_>,
    ) -> Result<AccessToken, DesignError> {
        let request = spec.request(refresh);
        let url = url::Url::parse(&spec.token_url).map_err(|error| {
            DesignError::field("auth.tokenUrl", format!("is not a valid URL: {error}"))
        })?;
        let mut headers = vec![
            ("Content-Type".to_owned(), URLENCODED.to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
        ];
        headers.extend(
            request
                .authorization
                .map(|value| ("Authorization".to_owned(), value)),
        );
        let hop = Hop {
            method: Method::Post,
            url,
            typed_target: None,
            headers,
            body: request.body.into_bytes(),
        };
        let route = Route {
            body_limit: TOKEN_BYTES,
            ..*route
        };
        let answered = hop.go(&route).await?.outcome.result;
        let response = answered.map_err(|failure| DesignError::Internal(failure.message))?;
        let head = ResponseHead::read(&response.head);
        let text = readable(&head, response.body, TOKEN_BYTES);
        let now = monotonic_ms();
        AccessToken::parse(
            head.status,
            text.trim_start_matches('\u{feff}').as_bytes(),
            now,
        )
        .map_err(|problem| {
            DesignError::field("auth", format!("could not obtain a token: {problem}"))
        })
    }

    /// Follows a redirect chain with a token. If the resource rejects the token, drops it and repeats the chain
    /// once with another; the response to the second attempt is final.
    async fn follow_with_token(
        &self,
        spec: &TokenSpec,
        departure: ChainStart<'_>,
        route: &Route<'_>,
        jar: Option<&SharedJar>,
    ) -> Result<RedirectChain, DesignError> {
        let token = self.token(spec, route).await?;
        let with = |token: &AccessToken| Auth::Header(token.authorization());
        let mut chain = departure
            .with(&with(&token))
            .follow_hops(route, jar)
            .await?;
        if !chain.refuses(&token.authorization()) {
            return Ok(chain);
        }
        self.refuse(spec, &token);
        match self.token(spec, route).await {
            Ok(token) => {
                let again = departure
                    .with(&with(&token))
                    .follow_hops(route, jar)
                    .await?;
                if again.refuses(&token.authorization()) {
                    self.refuse(spec, &token);
                }
                Ok(chain.followed_by(again))
            }
            Err(error) => {
                let warning = format!(
                    "the token was rejected with 401 and no new token could be obtained: {error}"
                );
                chain.warnings.push(warning);
                Ok(chain)
            }
        }
    }

    /// Drops a token that its resource rejected, unless it has been replaced.
    pub(super) fn refuse(&self, spec: &TokenSpec, token: &AccessToken) {
        self.tokens().refuse(&spec.cache_key(), token);
    }

    /// Drops all tokens and returns how many there were.
    pub fn drop_tokens(&self) -> usize {
        self.tokens().clear()
    }

    fn tokens(&self) -> MutexGuard<'_, TokenCache> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
