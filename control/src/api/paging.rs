//! Pagination of long lists: `limit` and `offset` in the query, `data` and `pagination` in the response.

use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;
use super::query::Query;

/// Limits of the page size.
#[derive(Clone, Copy)]
pub struct PageLimits {
    /// Default number of entries per page.
    pub default: u32,
    /// Maximum number of entries per page.
    pub most: u32,
}

/// A requested page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Maximum number of entries.
    pub limit: u32,
    /// Number of entries to skip.
    pub offset: u32,
}

impl Page {
    /// Returns the page that `query` requests, or `None` if it has neither `limit` nor `offset`.
    ///
    /// # Errors
    /// Returns an error if `limit` or `offset` is invalid.
    pub fn asked(query: &Query, bounds: PageLimits) -> Result<Option<Self>, ApiError> {
        let limit = query.number("limit", 1..=bounds.most)?;
        let offset = query.number("offset", 0..=u32::MAX)?;
        let is_asked = limit.is_some() || offset.is_some();
        Ok(is_asked.then(|| Self {
            limit: limit.unwrap_or(bounds.default),
            offset: offset.unwrap_or(0),
        }))
    }

    /// Returns the page that `query` requests. Default: the first page.
    ///
    /// # Errors
    /// See [`Page::asked`].
    pub fn of_query(query: &Query, bounds: PageLimits) -> Result<Self, ApiError> {
        let first = Self {
            limit: bounds.default,
            offset: 0,
        };
        Ok(Self::asked(query, bounds)?.unwrap_or(first))
    }

    /// Returns the response with the entries of this page, out of `total`.
    pub fn of<T>(self, data: Vec<T>, total: i64) -> PageOf<T> {
        let returned = data.len() as i64;
        PageOf {
            data,
            pagination: Pagination {
                total,
                limit: self.limit,
                offset: self.offset,
                has_more: returned > 0 && i64::from(self.offset) + returned < total,
                returned,
            },
        }
    }
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct PageOf<T> {
    /// The entries.
    data: Vec<T>,
    /// Position of the page in the list.
    pagination: Pagination,
}

/// Position of a page in the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    /// Total number of entries of the list.
    total: i64,
    /// Maximum number of entries of the page.
    limit: u32,
    /// Number of skipped entries before the page.
    offset: u32,
    /// Whether entries follow the page.
    has_more: bool,
    /// Number of entries of the page.
    returned: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: PageLimits = PageLimits {
        default: 2,
        most: 5,
    };

    #[test]
    fn a_page_is_asked_for_by_either_parameter() {
        for (query, expected) in [
            ("", None),
            ("limit=5", Some((5, 0))),
            ("offset=7", Some((2, 7))),
            ("limit=1&offset=0", Some((1, 0))),
        ] {
            let query = Query::read(query).expect("legal");
            let page = Page::asked(&query, BOUNDS).expect("legal");
            assert_eq!(
                page.map(|page| (page.limit, page.offset)),
                expected,
                "{query:?}"
            );
        }
        for query in ["limit=0", "limit=6", "offset=-1", "offset=4294967296"] {
            let query = Query::read(query).expect("legal");
            assert!(Page::asked(&query, BOUNDS).is_err(), "{query:?}");
        }
    }

    #[test]
    fn there_is_more_until_the_last_entry_was_returned() {
        let more = |offset, returned, total| {
            let page = Page { limit: 2, offset };
            page.of(vec![(); returned], total).pagination.has_more
        };
        assert!(more(0, 2, 3));
        assert!(!more(2, 1, 3));
        assert!(!more(0, 2, 2));
        assert!(!more(9, 0, 3));
        assert!(!more(0, 0, 3), "an empty page never promises another");
    }
}
