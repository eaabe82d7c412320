//! AWS Signature Version 4 in headers, as defined in the AWS General Reference ("Signing AWS API requests").
//!
//! The whole body is hashed. Presigned URLs, chunked uploads and the asymmetric form (SigV4a) are not
//! supported. The signed request must be sent unchanged: a proxy or client that changes a signed header
//! breaks the signature.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};

use super::hex::hex;

/// Credentials and scope of a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct AwsKey {
    /// The access key ID, such as `AKIDEXAMPLE`.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
    /// The region, such as `us-east-1`.
    pub region: String,
    /// The service's signing name, such as `s3` or `execute-api`.
    pub service: String,
}

/// Omits the secrets.
impl fmt::Debug for AwsKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AwsKey")
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The request to sign.
#[derive(Clone, Copy)]
pub struct SignRequest<'a> {
    /// The method as sent, such as `GET`.
    pub method: &'a str,
    /// The value of the `Host` header, with the port if it is sent.
    pub host: &'a str,
    /// The path as sent, percent-encoded.
    pub path: &'a str,
    /// The query as sent, without `?`. Empty if there is none.
    pub query: &'a str,
    /// The headers as sent, except `Host`.
    pub headers: &'a [(String, String)],
    /// The body as sent.
    pub body: &'a [u8],
}

/// The headers this module creates.
const DATE: &str = "X-Amz-Date";
const TOKEN: &str = "X-Amz-Security-Token";
const PAYLOAD: &str = "X-Amz-Content-Sha256";
const AUTHORIZATION: &str = "Authorization";

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Headers that clients or proxies rewrite, or that this module replaces.
const UNSIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// All characters except the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Like [`RESERVED`], but the slashes of a path stay unencoded.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

impl AwsKey {
    /// Returns the names of the headers that [`Self::sign`] replaces.
    #[must_use]
    pub fn own_headers(&self) -> &'static [&'static str] {
        match self.session_token {
            Some(_) => &[DATE, TOKEN],
            None => &[DATE],
        }
    }

    /// Returns the headers to add. They replace headers of the same name in the request.
    ///
    /// They are `X-Amz-Date`, `X-Amz-Security-Token` if there is a token, `X-Amz-Content-Sha256` for the
    /// service `s3`, and `Authorization`, in this order. A request that has an `X-Amz-Content-Sha256` keeps
    /// it: its value, such as `UNSIGNED-PAYLOAD`, is signed in place of the body hash.
    ///
    /// `unix_seconds` is the time of signing. AWS tolerates a clock difference of five minutes.
    #[must_use]
    pub fn sign(
        &self,
        request: &SignRequest<'_>,
        unix_seconds: u64,
    ) -> Vec<(&'static str, String)> {
        let time = timestamp(unix_seconds);
        let (day, _) = time.split_once('T').unwrap_or((&time, ""));
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let given = request.header(PAYLOAD);
        let payload = given.map_or_else(|| hex(&Sha256::digest(request.body)), str::to_owned);

        let mut added = vec![(DATE, time.clone())];
        added.extend(
            self.session_token
                .iter()
                .map(|token| (TOKEN, token.clone())),
        );
        if self.is_s3() && given.is_none() {
            added.push((PAYLOAD, payload.clone()));
        }

        let headers = signed_headers(request, &added);
        let names: Vec<&str> = headers.keys().map(String::as_str).collect();
        let names = names.join(";");
        let canonical = self.canonical(request, &headers, &names, &payload);
        let hash = hex(&Sha256::digest(canonical));
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{hash}");
        let signature = hex(&hmac(&self.signing_key(day), &text));
        let value = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key
        );
        added.push((AUTHORIZATION, value));
        added
    }

    fn is_s3(&self) -> bool {
        self.service == "s3"
    }

    fn canonical(
        &self,
        request: &SignRequest<'_>,
        headers: &BTreeMap<String, String>,
        names: &str,
        payload: &str,
    ) -> String {
        let path = if self.is_s3() {
            object_path(request.path)
        } else {
            service_path(request.path)
        };
        let query = canonical_query(request.query);
        let headers = headers.iter().map(|(name, value)| {
            // Each header ends its line. The canonical form requires the empty line after them.
            format!("{name}:{value}\n")
        });
        let headers: String = headers.collect();
        let method = request.method;
        format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{payload}")
    }

    /// Derives the key for one day, region and service from the secret key.
    fn signing_key(&self, day: &str) -> [u8; 32] {
        let secret = format!("AWS4{}", self.secret_key);
        let key = hmac(secret.as_bytes(), day);
        let key = hmac(&key, &self.region);
        let key = hmac(&key, &self.service);
        hmac(&key, "aws4_request")
    }
}

impl SignRequest<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// Returns lower-case names and their values. Values of the same name are joined by commas in the order sent.
fn signed_headers(
    request: &SignRequest<'_>,
    added: &[(&'static str, String)],
) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers {
        let name = name.trim().to_ascii_lowercase();
        let replaced = added.iter().any(|(new, _)| new.eq_ignore_ascii_case(&name));
        if replaced || UNSIGNED.contains(&name.as_str()) {
            continue;
        }
        let value = collapsed(value);
        headers
            .entry(name)
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert(value);
    }
    headers.insert("host".to_owned(), collapsed(request.host));
    let added = added.iter();
    headers.extend(added.map(|(name, value)| (name.to_ascii_lowercase(), collapsed(value))));
    headers
}

/// Trims a value and collapses runs of spaces into one.
fn collapsed(value: &str) -> String {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    words.join(" ")
}

/// Returns the canonical path of an S3 object: encoded once, and never normalized, because `a//b` and `a/b`
/// are different objects.
fn object_path(path: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let encoded = percent_encode(&decoded, RESERVED_IN_PATH).to_string();
    if encoded.is_empty() {
        "/".to_owned()
    } else {
        encoded
    }
}

/// Returns the canonical path of any other service: empty and dot segments are removed, and the encoded path
/// is encoded again.
fn service_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let is_folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let end = if is_folder && !kept.is_empty() {
        "/"
    } else {
        ""
    };
    let path = format!("/{}{end}", kept.join("/"));
    percent_encode(path.as_bytes(), RESERVED_IN_PATH).to_string()
}

/// Normalizes the encoding of names and values, then sorts by name and value.
fn canonical_query(query: &str) -> String {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    let mut pairs: Vec<(String, String)> = pieces
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (encoded_again(name), encoded_again(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Normalizes the encoding of a query component to the form AWS expects. A plus is a space, as in forms; a
/// literal plus must be sent as `%2B`.
fn encoded_again(text: &str) -> String {
    let text = text.replace('+', " ");
    let decoded: Vec<u8> = percent_decode_str(&text).collect();
    percent_encode(&decoded, RESERVED).to_string()
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Formats a time as UTC, such as `20150830T123600Z`.
fn timestamp(unix_seconds: u64) -> String {
    let (days, seconds) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Returns year, month and day of the Gregorian calendar, from days since 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_IN_400_YEARS: u64 = 146_097;
    // Years begin in March here, so that the leap day is the last day of a year. 1970-01-01 is the 719,468th
    // day after 0000-03-01.
    let days = days + 719_468;
    let (cycle, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    // Subtract the leap days before this day. The remaining years have 365 days.
    let leap_days = day / 1_460 + day / 146_096 - day / 36_524;
    let year = (day - leap_days) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // From March on, months of 31 and 30 days alternate in groups of five: 153 days.
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (next_year, month) = if month < 10 {
        (0, month + 3)
    } else {
        (1, month - 9)
    };
    (cycle * 400 + year + next_year, month, day_of_month)
}
