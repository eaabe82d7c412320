//! Request authentication: parses the `auth` object and applies it to a hop.
//!
//! The schemes themselves are implemented in the submodules. Tokens are fetched in `tokens`.

pub mod oauth2;

use serde_json::{Map, Value};
use vayu_shared::auth::basic::basic;
use vayu_shared::auth::digest::{Challenge, DigestRequest};
use vayu_shared::auth::sigv4::AwsKey;
use vayu_shared::field_error::FieldError;
use vayu_shared::request::signing::SignedRequest;

use super::hop::Hop;
use super::response::ResponseHead;
use crate::contract::{AuthConfig, ClientAuthentication, GrantType, KeyPlace, OAuth2Auth};
use crate::wall_clock::now_ms;
use oauth2::{ClientAuth, Grant, TokenSpec};

/// Authentication of a request.
pub enum Auth {
    /// No authentication.
    None,
    /// Value of `Authorization`: a bearer token or a fetched token.
    Header(String),
    /// Basic: user name and password.
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// API key in a header: name and value.
    KeyHeader(String, String),
    /// API key in a query parameter: name and value.
    KeyQuery(String, String),
    /// Digest: answers the challenge of the target.
    Digest {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// OAuth 2.0 token that has to be fetched.
    OAuth2(Box<TokenSpec>),
    /// AWS signature over the request.
    Aws(Box<AwsKey>),
}

impl Auth {
    /// Parses an `auth` object whose variables are replaced.
    ///
    /// # Errors
    /// Returns an error for the first field that is missing or invalid.
    pub fn read(auth: &Map<String, Value>) -> Result<Self, FieldError> {
        Ok(match AuthConfig::read(auth)? {
            AuthConfig::None => Self::None,
            AuthConfig::Bearer(bearer) => {
                let prefix = bearer.prefix.as_deref().unwrap_or("Bearer");
                Self::Header(format!("{prefix} {}", bearer.token))
            }
            AuthConfig::Basic(login) => Self::Basic {
                user: login.username,
                password: login.password.unwrap_or_default(),
            },
            AuthConfig::Digest(login) => Self::Digest {
                user: login.username,
                password: login.password.unwrap_or_default(),
            },
            AuthConfig::ApiKey(key) => match key.r#in.or(key.add_to) {
                None | Some(KeyPlace::Header) => Self::KeyHeader(key.key, key.value),
                Some(_) => Self::KeyQuery(key.key, key.value),
            },
            AuthConfig::OAuth2(auth) => Self::OAuth2(Box::new(token_spec(*auth)?)),
            AuthConfig::Aws(key) => Self::Aws(Box::new(AwsKey {
                access_key: key.access_key,
                secret_key: key.secret_key,
                session_token: filled(key.session_token),
                region: filled(key.region).unwrap_or_else(|| "us-east-1".to_owned()),
                service: key.service,
            })),
        })
    }

    /// Adds the authentication to a hop to the origin. Headers and parameters written by the user take
    /// precedence.
    pub fn apply(&self, hop: &mut Hop) {
        if let Some((name, value)) = self.header() {
            hop.propose(&name, &value);
        }
        match self {
            Self::KeyQuery(name, value) if !hop.has_parameter(name) => {
                hop.add_parameter(name, value);
            }
            Self::Aws(key) => sign(key, hop),
            _ => {}
        }
    }

    /// Returns the authentication header, if it is the same for every request.
    pub fn header(&self) -> Option<(String, String)> {
        let authorization = |value: String| ("Authorization".to_owned(), value);
        match self {
            Self::Header(value) => Some(authorization(value.clone())),
            Self::Basic { user, password } => Some(authorization(basic(user, password))),
            Self::KeyHeader(name, value) => Some((name.clone(), value.clone())),
            _ => None,
        }
    }

    /// Returns the `Authorization` that answers the challenge in the response `head` to `hop`, if there is
    /// one that can be answered. `answered` is the number of challenges answered before. A second challenge
    /// means that the password is wrong, unless it only marks the nonce as stale.
    pub fn answer_to(&self, head: &ResponseHead, hop: &Hop, answered: u32) -> Option<String> {
        let Self::Digest { user, password } = self else {
            return None;
        };
        if head.status != 401 || hop.has("authorization") {
            return None;
        }
        let challenge = challenge_in(head)?;
        if answered > 0 && !(challenge.stale() && answered == 1) {
            return None;
        }
        let request = DigestRequest {
            method: hop.method.as_str(),
            uri: hop.target(),
            body: &hop.body,
            user,
            password,
        };
        let cnonce = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        Some(challenge.authorization(&request, &cnonce, 1))
    }
}

/// Returns the Digest challenge of a response, if any.
pub fn challenge_in(head: &ResponseHead) -> Option<Challenge> {
    Challenge::strongest(&head.all("www-authenticate"))
}

/// Treats an empty string as absent.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn token_spec(auth: OAuth2Auth) -> Result<TokenSpec, FieldError> {
    let missing = |field: &str| FieldError::new(format!("auth.{field}"), "is missing");
    let grant = match auth.grant_type {
        None | Some(GrantType::ClientCredentials) => Grant::ClientCredentials,
        Some(GrantType::Password | GrantType::PasswordCredentials) => Grant::Password {
            username: auth.username.ok_or_else(|| missing("username"))?,
            password: auth.password.unwrap_or_default(),
        },
    };
    let url = auth.access_token_url.or(auth.token_url);
    Ok(TokenSpec {
        token_url: url.ok_or_else(|| missing("tokenUrl"))?,
        grant,
        client_id: auth.client_id,
        client_secret: auth.client_secret.unwrap_or_default(),
        scope: filled(auth.scope),
        audience: filled(auth.audience),
        client_auth: match auth.client_authentication {
            None | Some(ClientAuthentication::Header) => ClientAuth::Header,
            Some(ClientAuthentication::Body) => ClientAuth::Body,
        },
    })
}

/// Signs the bytes to be sent, with the current time, unless the hop already has an `Authorization`. A
/// request that cannot be sent is not signed; the sender reports the error.
fn sign(key: &AwsKey, hop: &mut Hop) {
    let Ok(lines) = hop.sent_lines() else {
        return;
    };
    if hop.has("authorization") {
        return;
    }
    let seconds = u64::try_from(now_ms() / 1_000).unwrap_or_default();
    let request = SignedRequest {
        method: hop.method.as_str(),
        target: hop.target(),
        headers: &|| lines.clone(),
        body: &hop.body,
    };
    for (name, value) in request.aws_lines(key, seconds) {
        hop.drop_headers(&[name]);
        hop.headers.push((name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use url::form_urlencoded;
    use vayu_shared::http::Method;

    fn pairs(text: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect()
    }

    fn read(auth: &Value) -> Result<Auth, String> {
        Auth::read(auth.as_object().expect("an object")).map_err(|error| error.to_string())
    }

    fn applied(auth: &Value) -> Hop {
        let mut hop = Hop {
            method: Method::Get,
            url: url::Url::parse("http://a/x?y=1").expect("a URL"),
            typed_target: None,
            headers: Vec::new(),
            body: Vec::new(),
        };
        read(auth).expect("legal").apply(&mut hop);
        hop
    }

    #[test]
    fn each_form_of_a_scheme_is_understood() {
        let nested = json!({"type": "basic", "basic": [
            {"key": "username", "value": "u"}, {"key": "password", "value": "p"}]});
        for (auth, header) in [
            (json!({"type": "bearer", "token": "t"}), Some("Bearer t")),
            (
                json!({"type": "bearer", "bearer": {"token": "t"}}),
                Some("Bearer t"),
            ),
            (
                json!({"type": "basic", "username": "u", "password": "p"}),
                Some("Basic dTpw"),
            ),
            (nested, Some("Basic dTpw")),
            (json!({"type": "none"}), None),
            (json!({}), None),
        ] {
            let hop = applied(&auth);
            let found = hop.headers.first().map(|(_, value)| value.as_str());
            assert_eq!(found, header, "{auth}");
        }
        let hop = applied(&json!({"type": "api-key", "key": "X-Key", "value": "v"}));
        assert_eq!(hop.headers, [("X-Key".to_owned(), "v".to_owned())]);
        let hop = applied(&json!({"type": "apikey", "key": "k", "value": "v w", "in": "query"}));
        assert_eq!(
            pairs(hop.url.query().unwrap_or_default())[1],
            ("k".into(), "v w".into())
        );
        let signed =
            applied(&json!({"type": "aws", "accessKey": "a", "secretKey": "s", "service": "sqs"}));
        assert!(signed.has("authorization") && signed.has("x-amz-date"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (auth, expected) in [
            (json!({"type": "bearer"}), "`auth.token` is missing"),
            (json!({"type": "basic"}), "`auth.username` is missing"),
            (
                json!({"type": "api-key", "key": "k"}),
                "`auth.value` is missing",
            ),
            (
                json!({"type": "api-key", "key": "k", "value": "v", "in": "body"}),
                "`auth.in` is \"body\"",
            ),
            (
                json!({"type": "oauth2", "clientId": "c"}),
                "`auth.tokenUrl` is missing",
            ),
            (
                json!({"type": "oauth2", "tokenUrl": "u", "grantType": "implicit"}),
                "`auth.grantType`",
            ),
            (json!({"type": "hawk"}), "`auth.type` is \"hawk\""),
            (json!({"type": 1}), "`auth.type` is 1"),
        ] {
            let error = match read(&auth) {
                Ok(_) => panic!("{auth} was accepted"),
                Err(error) => error,
            };
            assert!(error.contains(expected), "{auth}: {error}");
        }
    }
}
