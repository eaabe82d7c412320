//! Pages of long lists: `limit` and `offset` in the query, `data` and
//! `pagination` in the answer.

use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;
use super::query::Query;

/// How long a page of a list may be.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Entries of a page that leaves it open.
    pub default: u32,
    /// Entries of the longest page.
    pub most: u32,
}

/// A page that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many entries.
    pub limit: u32,
    /// Without the first so many.
    pub offset: u32,
}

impl Page {
    /// The page that `query` asks for, `None` when it says nothing of pages.
    ///
    /// # Errors
    /// When `limit` or `offset` is not legal.
    pub fn asked(query: &Query, bounds: Bounds) -> Result<Option<Self>, ApiError> {
        let limit = query.number("limit", 1..=bounds.most)?;
        let offset = query.number("offset", 0..=u32::MAX)?;
        let is_asked = limit.is_some() || offset.is_some();
        Ok(is_asked.then(|| Self {
            limit: limit.unwrap_or(bounds.default),
            offset: offset.unwrap_or(0),
        }))
    }

    /// The page that `query` asks for, or the first one.
    ///
    /// # Errors
    /// As [`Page::asked`].
    pub fn of_query(query: &Query, bounds: Bounds) -> Result<Self, ApiError> {
        let first = Self {
            limit: bounds.default,
            offset: 0,
        };
        Ok(Self::asked(query, bounds)?.unwrap_or(first))
    }

    /// The answer with the entries of this page, out of `total`.
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

/// A part of a list.
#[derive(Serialize, ToSchema)]
pub struct PageOf<T> {
    /// The entries.
    data: Vec<T>,
    /// Which part it is.
    pagination: Pagination,
}

/// Which part of a list a page is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    /// Entries of the whole list.
    total: i64,
    /// Most entries of the page.
    limit: u32,
    /// Entries before the page.
    offset: u32,
    /// Whether there are entries after it.
    has_more: bool,
    /// Entries of the page.
    returned: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
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
