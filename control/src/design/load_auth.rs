//! What a load run needs before it begins and while it goes on, to authenticate:
//! tokens, which are renewed before they end, and the target's challenge.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use vayu_shared::auth::digest::Challenge;
use vayu_shared::body::BodyPart;
use vayu_shared::signing::Signing;
use vayu_shared::units::{MILLISECOND, Nanos};
use vayu_shared::validate::{Fields, timeout};

use super::Designer;
use super::auth::oauth2::{Token, TokenSpec};
use super::auth::{Auth, challenge_in};
use super::failure::DesignError;
use super::hop::Hop;
use super::load::{Fetched, LoadDraft, PlainRequest};
use super::load_scripts::LoadScripts;
use super::response::ResponseHead;
use crate::run::is_last;
use crate::wall_clock::now_ms;

/// How long to wait before a token is asked for again that was refused, and at
/// least between any two.
const PAUSE: Duration = Duration::from_secs(1);

/// A load run without variables, authentication and bodies that have to be built.
pub struct PlainLoad {
    /// The body of `POST /run`. What is dynamic stays as typed.
    pub body: Value,
    /// How values are written into the request's body; none where the body's JSON says so.
    pub body_parts: Option<Vec<BodyPart>>,
    /// What each request is signed with, if it is.
    pub signing: Option<Signing>,
    /// The token in it that has to be renewed, if any has to.
    pub renewal: Option<Renewal>,
    /// What runs before and after each request, if anything does.
    pub scripts: Option<LoadScripts>,
    /// What to tell the user.
    pub warnings: Vec<String>,
}

/// A token that ends while a run may still go on.
pub struct Renewal {
    spec: Box<TokenSpec>,
    token: Token,
    /// Longest time a token server may take.
    limit: Nanos,
}

impl Designer {
    /// Makes a load run plain.
    ///
    /// # Errors
    /// The field that does not work, or why there is no token.
    pub async fn plain_load(&self, body: &Value) -> Result<PlainLoad, DesignError> {
        let Some(request) = body.get("request").and_then(Value::as_object) else {
            return Ok(PlainLoad {
                body: body.clone(),
                body_parts: None,
                signing: None,
                renewal: None,
                scripts: None,
                warnings: Vec::new(),
            });
        };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let own = body.get("variables").and_then(Value::as_object);
        let (scopes, links) = self
            .scopes(own, text("requestId"), text("environmentId"))
            .await?;
        let draft = LoadDraft::new(request, &scopes, &self.files)?;
        let fields = body.as_object().map(|body| Fields::new(body, ""));
        let limit = fields
            .map(|fields| timeout(&fields, "timeout"))
            .transpose()?;
        let default = self.manager.config().default_timeout * MILLISECOND;
        let limit = limit.flatten().unwrap_or(default);
        let (fetched, renewal) = self.fetched(&draft, limit).await?;
        let PlainRequest {
            request,
            body_parts,
            signing,
            scripts,
            warnings,
        } = draft.finish(fetched);
        let whole = body.as_object().cloned().unwrap_or_default();
        let scripts = LoadScripts::new(scripts, scopes, links, &whole, &request).await?;
        let mut plain = body.clone();
        plain["request"] = request;
        Ok(PlainLoad {
            body: plain,
            body_parts,
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
                let fetched = Fetched::Token(token.authorization().into());
                let renewal = token.renew_at_ms.map(|_| Renewal {
                    spec: spec.clone(),
                    token,
                    limit,
                });
                Ok((fetched, renewal))
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

    /// Renews the token of a run before it ends, as long as the run goes on.
    pub async fn keep_fresh(&self, run: &str, renewal: Renewal) {
        let Renewal { spec, token, limit } = renewal;
        let Some(live) = self.manager.live(run) else {
            return;
        };
        let mut states = live.watch();
        let mut due = until_renewal(&token);
        while let Some(delay) = due {
            let ended = states.wait_for(|state| is_last(state.status));
            if tokio::time::timeout(delay, ended).await.is_ok() {
                return;
            }
            let road = self.road(&self.plain_connection, &self.environment_proxy, limit);
            due = match self.token(&spec, &road).await {
                Ok(token) => {
                    let authorization: Arc<str> = token.authorization().into();
                    if let Some(shards) = live.stop.run() {
                        shards.tell_token(&authorization);
                    }
                    until_renewal(&token)
                }
                Err(error) => {
                    tracing::warn!(
                        "run {run} got no new token and goes on with the old one: {error}"
                    );
                    Some(PAUSE)
                }
            };
        }
    }
}

/// How long a token is good; nothing when it does not end.
fn until_renewal(token: &Token) -> Option<Duration> {
    let now = u64::try_from(now_ms()).unwrap_or_default();
    let left = token.renew_at_ms?.saturating_sub(now);
    Some(Duration::from_millis(left).max(PAUSE))
}
