//! Query parameters. Errors name the parameter, the value given and what is accepted. Parameters that a route
//! does not support are refused, because a misspelt filter would select everything.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::ops::RangeInclusive;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::web;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use vayu_shared::calendar::rfc3339_ms;

use super::ApiError;

/// The decoded parameters of a request.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    unknown: Unknown,
}

/// Handling of parameters that a route does not support. A request extension; by default they are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Refused with a 400.
    #[default]
    Refused,
    /// Ignored.
    Ignored,
}

impl Query {
    /// Parses a query string.
    ///
    /// # Errors
    /// Returns an error if it is not UTF-8 after decoding.
    pub fn read(query: &str) -> Result<Self, ApiError> {
        web::Query::<Vec<(String, String)>>::from_query(query)
            .map(|pairs| Self {
                pairs: pairs.into_inner(),
                unknown: Unknown::Refused,
            })
            .map_err(|error| ApiError::invalid(format!("the query cannot be read: {error}")))
    }

    /// Checks that all parameters are among `names`.
    ///
    /// # Errors
    /// Returns an error if there is another parameter and unknown ones are refused.
    pub fn accept(self, names: &[&str]) -> Result<Self, ApiError> {
        let is_known = |name: &str| self.unknown == Unknown::Ignored || names.contains(&name);
        match self.pairs.iter().find(|(name, _)| !is_known(name)) {
            None => Ok(self),
            Some((name, _)) => Err(ApiError::invalid(format!(
                "`{name}` is not a parameter of this route; {}",
                match names {
                    [] => "it has none".to_owned(),
                    names => format!("it has `{}`", names.join("`, `")),
                }
            ))),
        }
    }

    /// Returns whether the parameter is present.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }

    /// Returns the value of the parameter, or `None` if it is absent.
    ///
    /// # Errors
    /// Returns an error if the parameter is repeated or empty.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut found = self.pairs.iter().filter(|(known, _)| known == name);
        let first = found.next().map(|(_, value)| value.as_str());
        if found.next().is_some() {
            return Err(ApiError::invalid(format!("`{name}` is there twice")));
        }
        match first {
            Some("") => Err(ApiError::invalid(format!(
                "`{name}` is empty; leave it out, or give it a value"
            ))),
            other => Ok(other),
        }
    }

    /// Parses the parameter as a whole number in `range`.
    ///
    /// # Errors
    /// Returns an error for any other value.
    pub fn number<N>(&self, name: &str, range: RangeInclusive<N>) -> Result<Option<N>, ApiError>
    where
        N: FromStr + PartialOrd + Display,
    {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            let (min, max) = (range.start(), range.end());
            ApiError::invalid(format!(
                "`{name}` is \"{text}\"; expected a whole number from {min} to {max}"
            ))
        })
    }

    /// Parses the parameter as an instant: milliseconds since the Unix epoch, or RFC 3339.
    ///
    /// # Errors
    /// Returns an error for any other value.
    pub fn instant(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let ms = text.parse().ok().filter(|ms: &i64| *ms >= 0);
        let ms = ms.or_else(|| rfc3339_ms(text));
        ms.map(Some).ok_or_else(|| {
            ApiError::invalid(format!(
                "`{name}` is \"{text}\"; expected milliseconds since 1970, or an instant like \
                 2026-01-03T10:30:00Z"
            ))
        })
    }

    /// Parses the parameter as `true` or `false`.
    ///
    /// # Errors
    /// Returns an error for any other value.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.one_of(
            name,
            [true, false],
            |value| {
                if value { "true" } else { "false" }
            },
        )
    }

    /// Returns the value in `all` that the parameter names.
    ///
    /// # Errors
    /// Returns an error if it names none of them.
    pub fn one_of<T: Copy, const N: usize>(
        &self,
        name: &str,
        all: [T; N],
        name_of: fn(T) -> &'static str,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let found = all.into_iter().find(|one| name_of(*one) == text);
        found.map(Some).ok_or_else(|| {
            let legal = all.map(|one| format!("\"{}\"", name_of(one))).join(", ");
            ApiError::invalid(format!("`{name}` is \"{text}\"; expected one of {legal}"))
        })
    }
}

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let unknown = request.extensions().get().copied().unwrap_or_default();
        let query = Self::read(request.query_string());
        ready(query.map(|query| Self { unknown, ..query }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(query: &str) -> Result<Option<u32>, String> {
        let query = Query::read(query).map_err(|error| error.to_string())?;
        query
            .number("limit", 1..=9)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_are_read_within_their_range() {
        assert_eq!(number(""), Ok(None));
        assert_eq!(number("other=x&limit=9"), Ok(Some(9)));
        for wrong in ["0", "10", "-1", "1.5", "x", "99999999999999999999", "%20"] {
            let error = number(&format!("limit={wrong}")).expect_err(wrong);
            let right = error.contains("`limit` is \"") && error.contains("from 1 to 9");
            assert!(right, "{wrong}: {error}");
        }
        let empty = number("limit=").expect_err("nothing is no number");
        assert!(empty.contains("`limit` is empty"), "{empty}");
        let twice = number("limit=1&limit=2").expect_err("which one?");
        assert!(twice.contains("`limit` is there twice"), "{twice}");
    }

    #[test]
    fn unknown_parameters_are_refused_unless_they_are_to_be_ignored() {
        let read = |unknown| Query {
            unknown,
            ..Query::read("limit=1&before=2").expect("legal")
        };
        let told = |names: &[&str]| {
            let refused = read(Unknown::Refused).accept(names).map(drop);
            refused.expect_err("`before` is unknown").to_string()
        };
        let some = told(&["limit", "offset"]);
        assert!(some.contains("`before` is not") && some.contains("it has `limit`, `offset`"));
        assert!(told(&[]).contains("`limit` is not a parameter of this route; it has none"));
        assert!(read(Unknown::Refused).accept(&["before", "limit"]).is_ok());
        assert!(read(Unknown::Ignored).accept(&[]).is_ok());
    }

    #[test]
    fn instants_are_milliseconds_or_rfc_3339() {
        let read = |text: &str| {
            let query = Query::read(&format!("at={text}")).expect("legal");
            query.instant("at").map_err(|error| error.to_string())
        };
        assert_eq!(read("1767436200000"), Ok(Some(1_767_436_200_000)));
        assert_eq!(
            read("2026-01-03T11:30:00+01:00"),
            Ok(Some(1_767_436_200_000))
        );
        for wrong in ["-1", "1.5", "yesterday", "2026-01-03"] {
            let error = read(wrong).expect_err(wrong);
            assert!(
                error.contains("`at` is \"") && error.contains("RFC") != error.contains("T10:30")
            );
        }
    }

    #[test]
    fn words_are_decoded_and_have_to_be_known() {
        let query = Query::read("a=x%2Fy+z&b=load").expect("legal");
        assert_eq!(query.text("a").expect("once"), Some("x/y z"));
        let name: fn(&'static str) -> &'static str = |word| word;
        let found = query.one_of("b", ["load", "design"], name);
        assert_eq!(found.expect("known"), Some("load"));
        let error = query.one_of("b", ["x", "y"], name).expect_err("unknown");
        let error = error.to_string();
        assert!(
            error.contains("`b` is \"load\"; expected one of \"x\", \"y\""),
            "{error}"
        );
    }
}
