//! Query parameters, with errors that name the parameter, what it says and what
//! would be right. Parameters a route does not know are ignored.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::ops::RangeInclusive;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::web;
use actix_web::{FromRequest, HttpRequest};

use super::ApiError;

/// The parameters of a request, decoded.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part of a URL after the question mark.
    ///
    /// # Errors
    /// When it is not UTF-8 after decoding.
    pub fn read(query: &str) -> Result<Self, ApiError> {
        web::Query::<Vec<(String, String)>>::from_query(query)
            .map(|pairs| Self(pairs.into_inner()))
            .map_err(|error| ApiError::invalid(format!("the query cannot be read: {error}")))
    }

    /// What the parameter says; `None` when it is not there.
    ///
    /// # Errors
    /// When it is there twice or says nothing.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
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

    /// A whole number in `range`.
    ///
    /// # Errors
    /// When it is anything else.
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
                "`{name}` is \"{text}\"; it has to be a whole number from {min} to {max}"
            ))
        })
    }

    /// The one of `all` that the parameter names.
    ///
    /// # Errors
    /// When it names none of them.
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
            ApiError::invalid(format!(
                "`{name}` is \"{text}\"; it has to be one of {legal}"
            ))
        })
    }
}

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request.query_string()))
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
    fn words_are_decoded_and_have_to_be_known() {
        let query = Query::read("a=x%2Fy+z&b=load").expect("legal");
        assert_eq!(query.text("a").expect("once"), Some("x/y z"));
        let name: fn(&'static str) -> &'static str = |word| word;
        let found = query.one_of("b", ["load", "design"], name);
        assert_eq!(found.expect("known"), Some("load"));
        let error = query.one_of("b", ["x", "y"], name).expect_err("unknown");
        let error = error.to_string();
        assert!(
            error.contains("`b` is \"load\"; it has to be one of \"x\", \"y\""),
            "{error}"
        );
    }
}
