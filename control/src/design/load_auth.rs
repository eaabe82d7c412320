//! Authentication of a load run, before it begins and while it is active: tokens, which are renewed before
//! they expire, and the challenge of the target.

use std::time::{Duration, Instant};

use vayu_shared::auth::digest::Challenge;
use vayu_shared::request::signing::{RunToken, Signing};
use vayu_shared::spec::RequestSpec;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::RequestExecutor;
use super::auth::oauth2::{AccessToken, TokenSpec};
use super::auth::{Auth, challenge_in};
use super::failure::DesignError;
use super::hop::Hop;
use super::load::{Fetched, LoadDraft, PlainRequest};
use super::load_scripts::LoadScripts;
use super::response::ResponseHead;
use crate::contract::RunBody;
use crate::run::is_final;
use crate::wall_clock::monotonic_ms;

/// Minimum interval between two token requests of a run.
const PAUSE: Duration = Duration::from_secs(1);
/// Maximum interval, while the target rejects every token.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Interval at which a run checks whether its token was rejected or is about to expire.
const LOOK: Duration = Duration::from_millis(100);

/// The request of a load run without variables, authentication and a body that has to be built, and what
/// belongs to it.
pub struct PlainLoad {
    /// The request. Dynamic variables stay as typed.
    pub request: RequestSpec,
    /// How each request is signed, if at all.
    pub signing: Option<Signing>,
    /// The token in use, which may have to be renewed.
    pub renewal: Option<Renewal>,
    /// Scripts that run before and after each request, if any.
    pub scripts: Option<LoadScripts>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

/// A token that may expire or be rejected while a run is active.
pub struct Renewal {
    spec: Box<TokenSpec>,
    token: AccessToken,
    /// The same token, as shared with the shards.
    shared: RunToken,
    /// Timeout of a token request.
    limit: Nanos,
}

impl RequestExecutor {
    /// Converts the request of a load run to a plain request.
    ///
    /// # Errors
    /// Returns an error that names the invalid field, or the reason why no token was obtained.
    pub async fn plain_load(&self, body: &RunBody) -> Result<PlainLoad, DesignError> {
        let own = body.variables.clone().unwrap_or_default();
        let (scopes, links) = self
            .scopes(&own, body.request_id.clone(), body.environment_id.clone())
            .await?;
        let draft = LoadDraft::new(&body.request, &scopes, &self.files)?;
        let default = self.config.current().default_timeout * MILLISECOND;
        let limit = body.timeout.map_or(default, |timeout| timeout.0);
        let (fetched, renewal) = self.fetched(&draft, limit).await?;
        let PlainRequest {
            request,
            signing,
            scripts,
            warnings,
        } = draft.finish(fetched)?;
        let scripts = LoadScripts::new(scripts, scopes, links, body, &request).await?;
        Ok(PlainLoad {
            request,
            signing,
            renewal,
            scripts,
            warnings,
        })
    }

    async fn fetched(
        &self,
        draft: &LoadDraft,
        limit: Nanos,
    ) -> Result<(Fetched, Option<Renewal>), DesignError> {
        let route = self.route(&self.plain_connection, &self.environment_proxy, limit);
        match &draft.auth {
            Auth::OAuth2(spec) => {
                let token = self.token(spec, &route).await?;
                let shared = RunToken::new(&token.authorization());
                let fetched = Fetched::Token(shared.clone());
                let renewal = Renewal {
                    spec: spec.clone(),
                    token,
                    shared,
                    limit,
                };
                Ok((fetched, Some(renewal)))
            }
            Auth::Digest { .. } => {
                let challenge = match draft.first_hop() {
                    Some(hop) => self.challenge(&hop, limit).await,
                    None => None,
                };
                Ok((challenge.map_or(Fetched::Nothing, Fetched::Challenge), None))
            }
            _ => Ok((Fetched::Nothing, None)),
        }
    }

    /// Returns the challenge of a target to a request without authentication. Returns `None` if the target
    /// does not answer: the run will report that.
    async fn challenge(&self, hop: &Hop, limit: Nanos) -> Option<Challenge> {
        let route = self.route(&self.plain_connection, &self.environment_proxy, limit);
        let answered = hop.go(&route).await.ok()?.outcome.result.ok()?;
        challenge_in(&ResponseHead::read(&answered.head))
    }

    /// Renews the token of an active run before it expires and whenever the target rejects it. Sends one
    /// token request at a time, with increasing intervals while every token is rejected.
    pub async fn keep_fresh(&self, run: &str, mut renewal: Renewal) {
        let Some(live) = self.runs.live(run) else {
            return;
        };
        let mut states = live.watch();
        let mut pace = RenewalPace::new();
        loop {
            let ended = states.wait_for(|state| is_final(state.status));
            if tokio::time::timeout(LOOK, ended).await.is_ok() {
                return;
            }
            let refused = renewal.shared.is_rejected();
            if !(refused || is_due(&renewal.token)) || !pace.may_begin(refused) {
                continue;
            }
            if refused {
                self.refuse(&renewal.spec, &renewal.token);
            }
            let route = self.route(
                &self.plain_connection,
                &self.environment_proxy,
                renewal.limit,
            );
            match self.token(&renewal.spec, &route).await {
                Ok(token) => {
                    renewal.shared = RunToken::new(&token.authorization());
                    renewal.token = token;
                    if let Some(shards) = live.stop.run() {
                        shards.set_token(&renewal.shared);
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        "run {run} could not renew its token and continues with the old one: {error}"
                    );
                }
            }
        }
    }
}

/// Limits how often a run requests a token.
struct RenewalPace {
    last: Instant,
    pause: Duration,
}

impl RenewalPace {
    fn new() -> Self {
        Self {
            last: Instant::now(),
            pause: Duration::ZERO,
        }
    }

    /// Returns whether a token request may begin now. If so, sets the interval until the next one, which
    /// doubles if a token was rejected soon after the last request.
    fn may_begin(&mut self, refused: bool) -> bool {
        let since = self.last.elapsed();
        if since < self.pause {
            return false;
        }
        let is_again = refused && !self.pause.is_zero() && since < 2 * self.pause;
        self.pause = match is_again {
            true => (2 * self.pause).min(LONGEST_PAUSE),
            false => PAUSE,
        };
        self.last = Instant::now();
        true
    }
}

/// Returns whether a token is due for renewal. A token without an expiry never is.
fn is_due(token: &AccessToken) -> bool {
    !token.is_fresh(monotonic_ms())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_while_every_token_is_refused() {
        let mut pace = RenewalPace::new();
        assert!(pace.may_begin(true), "the first has nothing to wait for");
        assert!(!pace.may_begin(true) && !pace.may_begin(false));
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            pace.last -= pace.pause;
            assert!(pace.may_begin(true));
            assert_eq!(pace.pause, Duration::from_secs(seconds));
        }
        pace.last -= 2 * pace.pause;
        assert!(pace.may_begin(true), "this token was good for a while");
        assert_eq!(pace.pause, PAUSE);
    }
}
