//! What a load run needs before it begins and while it goes on, to authenticate:
//! tokens, which are renewed before they end, and the target's challenge.

use std::time::{Duration, Instant};

use vayu_shared::auth::digest::Challenge;
use vayu_shared::request::signing::{RunToken, Signing};
use vayu_shared::spec::RequestSpec;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::Designer;
use super::auth::oauth2::{Token, TokenSpec};
use super::auth::{Auth, challenge_in};
use super::failure::DesignError;
use super::hop::Hop;
use super::load::{Fetched, LoadDraft, PlainRequest};
use super::load_scripts::LoadScripts;
use super::response::ResponseHead;
use crate::contract::RunBody;
use crate::run::is_last;
use crate::wall_clock::steady_ms;

/// Shortest time between two requests of a run for a token.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest one, while the target refuses every token it gets.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often a run looks whether its token was refused or is about to end.
const LOOK: Duration = Duration::from_millis(100);

/// The request of a load run without variables, authentication and a body that has to be built,
/// and what goes with it.
pub struct PlainLoad {
    /// What is sent. What is dynamic stays as typed.
    pub request: RequestSpec,
    /// What each request is signed with, if it is.
    pub signing: Option<Signing>,
    /// The token in it, which may have to be renewed.
    pub renewal: Option<Renewal>,
    /// What runs before and after each request, if anything does.
    pub scripts: Option<LoadScripts>,
    /// What to tell the user.
    pub warnings: Vec<String>,
}

/// A token that may end, or be refused, while a run goes on.
pub struct Renewal {
    spec: Box<TokenSpec>,
    token: Token,
    /// The same as the shards have it.
    shared: RunToken,
    /// Longest time a token server may take.
    limit: Nanos,
}

impl Designer {
    /// Makes the request of a load run plain.
    ///
    /// # Errors
    /// The field that does not work, or why there is no token.
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
        let road = self.road(&self.plain_connection, &self.environment_proxy, limit);
        match &draft.auth {
            Auth::OAuth2(spec) => {
                let token = self.token(spec, &road).await?;
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

    /// What a target asks for that is told nothing. A target that does not answer
    /// asks for nothing: the run will tell.
    async fn challenge(&self, hop: &Hop, limit: Nanos) -> Option<Challenge> {
        let road = self.road(&self.plain_connection, &self.environment_proxy, limit);
        let answered = hop.go(&road).await.ok()?.outcome.result.ok()?;
        challenge_in(&ResponseHead::read(&answered.head))
    }

    /// Renews the token of a run before it ends and when the target refuses it, as long
    /// as the run goes on: one request for a token at a time, and with longer and longer
    /// pauses while every token is refused.
    pub async fn keep_fresh(&self, run: &str, mut renewal: Renewal) {
        let Some(live) = self.runs.live(run) else {
            return;
        };
        let mut states = live.watch();
        let mut pace = RenewalPace::new();
        loop {
            let ended = states.wait_for(|state| is_last(state.status));
            if tokio::time::timeout(LOOK, ended).await.is_ok() {
                return;
            }
            let refused = renewal.shared.is_refused();
            if !(refused || is_due(&renewal.token)) || !pace.may_begin(refused) {
                continue;
            }
            if refused {
                self.refuse(&renewal.spec, &renewal.token);
            }
            let road = self.road(
                &self.plain_connection,
                &self.environment_proxy,
                renewal.limit,
            );
            match self.token(&renewal.spec, &road).await {
                Ok(token) => {
                    renewal.shared = RunToken::new(&token.authorization());
                    renewal.token = token;
                    if let Some(shards) = live.stop.run() {
                        shards.tell_token(&renewal.shared);
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        "run {run} got no new token and goes on with the old one: {error}"
                    );
                }
            }
        }
    }
}

/// When a run may ask for its next token.
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

    /// Whether a request for a token may begin now; if so, the next waits for its pause,
    /// which doubles when a token was refused soon after the last.
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

/// Whether a token is to be renewed by now; one that does not end never is.
fn is_due(token: &Token) -> bool {
    !token.is_fresh(steady_ms())
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
