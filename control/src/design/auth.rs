//! How a request authenticates: reads the `auth` object and puts what it amounts
//! to into a hop.
//!
//! The schemes themselves stand in the modules within; tokens that have to be
//! fetched first are fetched by `designer`.

pub mod oauth2;

use serde_json::{Map, Value};
use vayu_shared::auth::basic::basic;
use vayu_shared::auth::digest::{Challenge, DigestRequest};
use vayu_shared::auth::flattened;
use vayu_shared::auth::sigv4::AwsKey;
use vayu_shared::signing::aws_lines;
use vayu_shared::validate::{FieldError, Fields, Known};

use super::hop::Hop;
use super::response::ResponseHead;
use crate::wall_clock::now_ms;
use oauth2::{ClientAuth, Grant, TokenSpec};

/// See the module.
pub enum Auth {
    /// Not at all.
    None,
    /// The value of `Authorization`: bearer, and tokens that were fetched.
    Header(String),
    /// A user and a password, as they are.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// An API key in a header of this name.
    KeyHeader(String, String),
    /// An API key in a query parameter of this name.
    KeyQuery(String, String),
    /// Digest: answers the target's challenge.
    Digest {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A token that has to be fetched.
    OAuth2(Box<TokenSpec>),
    /// A signature over the request, for AWS.
    Aws(Box<AwsKey>),
}

const TYPES: &str =
    "use \"bearer\", \"basic\", \"api-key\", \"digest\", \"oauth2\", \"aws\" or \"none\"";

/// What `auth.type` can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No authentication.
    None,
    /// A token as it is.
    Bearer,
    /// User and password as they are.
    Basic,
    /// An answer to the target's challenge.
    Digest,
    /// A key in a header or the query.
    ApiKey,
    /// A token that is fetched.
    OAuth2,
    /// A signature of AWS, version 4.
    Aws,
}

impl Kind {
    /// Every kind.
    #[cfg(test)]
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Bearer,
        Self::Basic,
        Self::Digest,
        Self::ApiKey,
        Self::OAuth2,
        Self::Aws,
    ];

    /// The kind of this name; Postman has several for some.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "none" | "noauth" | "inherit" | "" => Self::None,
            "bearer" => Self::Bearer,
            "basic" => Self::Basic,
            "digest" => Self::Digest,
            "api-key" | "apikey" | "apiKey" => Self::ApiKey,
            "oauth2" => Self::OAuth2,
            "aws" | "awsv4" | "sigv4" => Self::Aws,
            _ => return None,
        })
    }

    /// The fields that an `auth` of this kind has beside `type`.
    pub fn fields(self) -> Known {
        match self {
            Self::None => &[],
            Self::Bearer => &[&["token", "prefix"]],
            Self::Basic | Self::Digest => &[&USER],
            Self::ApiKey => &[&["key", "value", "in", "addTo"]],
            Self::OAuth2 => &[&TOKEN, &USER],
            Self::Aws => &[&AWS],
        }
    }
}

const USER: [&str; 2] = ["username", "password"];
const TOKEN: [&str; 8] = [
    "accessTokenUrl",
    "tokenUrl",
    "grantType",
    "clientId",
    "clientSecret",
    "scope",
    "audience",
    "clientAuthentication",
];
const AWS: [&str; 5] = [
    "accessKey",
    "secretKey",
    "sessionToken",
    "region",
    "service",
];

impl Auth {
    /// Reads an `auth` object whose variables are resolved.
    ///
    /// # Errors
    /// The first field that is missing or wrong.
    pub fn read(auth: &Map<String, Value>) -> Result<Self, FieldError> {
        let flat = flattened(auth);
        let of = |known| Fields::new(&flat, "auth.", known);
        let kind = of(&[&["type"]]).string("type")?.unwrap_or("none");
        let unknown = || {
            FieldError::new(
                "auth.type",
                format!("is \"{kind}\", which is unknown; {TYPES}"),
            )
        };
        let kind = Kind::of(kind).ok_or_else(unknown)?;
        let fields = of(kind.fields());
        match kind {
            Kind::None => Ok(Self::None),
            Kind::Bearer => {
                let prefix = fields.string("prefix")?.unwrap_or("Bearer");
                let token = required(&fields, "token")?;
                Ok(Self::Header(format!("{prefix} {token}")))
            }
            Kind::Basic => {
                let (user, password) = user(&fields)?;
                Ok(Self::Basic { user, password })
            }
            Kind::Digest => {
                let (user, password) = user(&fields)?;
                Ok(Self::Digest { user, password })
            }
            Kind::ApiKey => api_key(&fields),
            Kind::OAuth2 => token(&fields).map(|spec| Self::OAuth2(Box::new(spec))),
            Kind::Aws => aws(&fields).map(|key| Self::Aws(Box::new(key))),
        }
    }

    /// Puts it into a hop to its origin. What the user wrote by hand stays.
    pub fn apply(&self, hop: &mut Hop) {
        if let Some((name, value)) = self.header() {
            hop.propose(&name, &value);
        }
        match self {
            Self::KeyQuery(name, value) => {
                let is_there = hop.url.query_pairs().any(|(known, _)| known == *name);
                if !is_there {
                    hop.add_parameter(name, value);
                }
            }
            Self::Aws(key) => sign(key, hop),
            _ => {}
        }
    }

    /// The header that it is, where it is one and the same for every request.
    pub fn header(&self) -> Option<(String, String)> {
        let authorization = |value: String| ("Authorization".to_owned(), value);
        match self {
            Self::Header(value) => Some(authorization(value.clone())),
            Self::Basic { user, password } => Some(authorization(basic(user, password))),
            Self::KeyHeader(name, value) => Some((name.clone(), value.clone())),
            _ => None,
        }
    }

    /// What to send after this answer to `hop`, where it challenges and can be
    /// met; `answered` challenges were met before. A second one says that the
    /// password is wrong, unless only the nonce was too old.
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

/// The Digest challenge of a response that asks for one.
pub fn challenge_in(head: &ResponseHead) -> Option<Challenge> {
    Challenge::strongest(&head.all("www-authenticate"))
}

fn required<'a>(fields: &Fields<'a>, name: &str) -> Result<&'a str, FieldError> {
    let missing = || FieldError::new(fields.path(name), "is missing");
    fields.string(name)?.ok_or_else(missing)
}

fn user(fields: &Fields<'_>) -> Result<(String, String), FieldError> {
    let password = fields.string("password")?.unwrap_or_default();
    Ok((
        required(fields, "username")?.to_owned(),
        password.to_owned(),
    ))
}

fn api_key(fields: &Fields<'_>) -> Result<Auth, FieldError> {
    let (name, value) = (required(fields, "key")?, required(fields, "value")?);
    let (name, value) = (name.to_owned(), value.to_owned());
    let place = match fields.string("in")? {
        None => fields.string("addTo")?,
        place => place,
    };
    match place.unwrap_or("header") {
        "header" => Ok(Auth::KeyHeader(name, value)),
        "query" | "queryParams" | "params" => Ok(Auth::KeyQuery(name, value)),
        other => Err(FieldError::new(
            "auth.in",
            format!("is \"{other}\"; it has to be \"header\" or \"query\""),
        )),
    }
}

fn token(fields: &Fields<'_>) -> Result<TokenSpec, FieldError> {
    let url = match fields.string("accessTokenUrl")? {
        Some(url) => url,
        None => required(fields, "tokenUrl")?,
    };
    let grant = match fields.string("grantType")?.unwrap_or("client_credentials") {
        "client_credentials" => Grant::ClientCredentials,
        "password" | "password_credentials" => {
            let (username, password) = user(fields)?;
            Grant::Password { username, password }
        }
        other => {
            let problem = format!(
                "is \"{other}\"; only \"client_credentials\" and \"password\" need no browser"
            );
            return Err(FieldError::new("auth.grantType", problem));
        }
    };
    Ok(TokenSpec {
        token_url: url.to_owned(),
        grant,
        client_id: required(fields, "clientId")?.to_owned(),
        client_secret: fields
            .string("clientSecret")?
            .unwrap_or_default()
            .to_owned(),
        scope: fields.filled("scope")?,
        audience: fields.filled("audience")?,
        client_auth: match fields.string("clientAuthentication")?.unwrap_or("header") {
            "header" => ClientAuth::Header,
            "body" => ClientAuth::Body,
            other => {
                let problem = format!("is \"{other}\"; it has to be \"header\" or \"body\"");
                return Err(FieldError::new("auth.clientAuthentication", problem));
            }
        },
    })
}

fn aws(fields: &Fields<'_>) -> Result<AwsKey, FieldError> {
    Ok(AwsKey {
        access_key: required(fields, "accessKey")?.to_owned(),
        secret_key: required(fields, "secretKey")?.to_owned(),
        session_token: fields.filled("sessionToken")?,
        region: fields
            .filled("region")?
            .unwrap_or_else(|| "us-east-1".to_owned()),
        service: required(fields, "service")?.to_owned(),
    })
}

/// Puts a signature with the time of now into a hop that has no `Authorization`: over
/// the bytes that go out. One that cannot go out is left to who sends it.
fn sign(key: &AwsKey, hop: &mut Hop) {
    let Ok(bytes) = hop.bytes() else {
        return;
    };
    if hop.has("authorization") {
        return;
    }
    let seconds = u64::try_from(now_ms() / 1_000).unwrap_or_default();
    for (name, value) in aws_lines(key, &bytes, seconds) {
        hop.drop_headers(&[name]);
        hop.headers.push((name.to_owned(), value));
    }
}

/// A `Content-Type` for bodies of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

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
            (json!({"type": "oauth2"}), "`auth.tokenUrl` is missing"),
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
