//! Access tokens: kept ones, and new ones from their token servers.

use std::sync::{MutexGuard, PoisonError};

use vayu_shared::http::Method;

use super::auth::oauth2::{Token, TokenCache, TokenSpec};
use super::auth::{Auth, FORM};
use super::failure::DesignError;
use super::hop::{Hop, Road};
use super::{Designer, TOKEN_BYTES, response};
use crate::wall_clock::now_ms;

impl Designer {
    /// The token that an authentication by OAuth 2.0 stands for; none for any other.
    pub(super) async fn token_auth(
        &self,
        auth: &Auth,
        road: &Road<'_>,
    ) -> Result<Option<Auth>, DesignError> {
        match auth {
            Auth::OAuth2(spec) => {
                let token = self.token(spec, road).await?;
                Ok(Some(Auth::Header(token.authorization())))
            }
            _ => Ok(None),
        }
    }

    /// A token: one that is kept and still good, or a new one.
    pub(super) async fn token(
        &self,
        spec: &TokenSpec,
        road: &Road<'_>,
    ) -> Result<Token, DesignError> {
        let now = u64::try_from(now_ms()).unwrap_or_default();
        let key = spec.cache_key();
        let kept = self.tokens().get(&key).cloned();
        let refresh = match &kept {
            Some(token) if token.is_fresh(now) => return Ok(token.clone()),
            Some(token) => token.refresh_token.clone(),
            None => None,
        };
        let mut token = self.fetch(spec, refresh.as_deref(), road).await;
        if token.is_err() && refresh.is_some() {
            // A refresh token may have ended, too.
            token = self.fetch(spec, None, road).await;
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
        road: &Road<'_>,
    ) -> Result<Token, DesignError> {
        let request = spec.request(refresh);
        let url = url::Url::parse(&spec.token_url)
            .map_err(|error| DesignError::field("auth.tokenUrl", format!("is no URL: {error}")))?;
        let mut headers = vec![
            ("Content-Type".to_owned(), FORM.to_owned()),
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
        let road = Road {
            body_limit: TOKEN_BYTES,
            ..*road
        };
        let answered = hop.go(&road).await?.outcome.result;
        let response = answered.map_err(|failure| DesignError::Internal(failure.message))?;
        let status = response::ResponseHead::read(&response.head).status;
        let now = u64::try_from(now_ms()).unwrap_or_default();
        Token::parse(status, &response.body, now)
            .map_err(|problem| DesignError::field("auth", format!("got no token: {problem}")))
    }

    fn tokens(&self) -> MutexGuard<'_, TokenCache> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
