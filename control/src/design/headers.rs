//! Header lines of a request before it is sent, from all sources: the user, authentication, scripts, and the
//! engine. Names are compared case-insensitively.
//!
//! Headers written by the user take precedence: other sources only propose.

use super::body::Body;
use super::boundary::{boundary_of, is_boundary, new_boundary, with_boundary};

/// Header lines, in order.
pub type Lines = Vec<(String, String)>;

/// Returns the first value of this name.
pub fn first<'a>(lines: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = lines
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Adds a line unless one of this name exists.
pub fn propose(lines: &mut Lines, name: &str, value: &str) {
    if first(lines, name).is_none() {
        lines.push((name.to_owned(), value.to_owned()));
    }
}

/// Removes the lines of these names.
pub fn remove(lines: &mut Lines, names: &[&str]) {
    lines.retain(|(known, _)| !names.iter().any(|name| known.eq_ignore_ascii_case(name)));
}

/// Returns the boundary for a multipart body: the one in the user's `Content-Type`, or a new one.
pub fn wanted_boundary(lines: &Lines) -> String {
    let given = first(lines, CONTENT_TYPE).filter(|kind| is_multipart(kind));
    let given = given.and_then(boundary_of).filter(|text| is_boundary(text));
    given.map_or_else(new_boundary, str::to_owned)
}

/// Adds the headers that a body needs. If the user gave a `multipart` type, its boundary is set to that of
/// the body.
pub fn describe(lines: &mut Lines, body: &Body) {
    let Some(kind) = &body.content_type else {
        return;
    };
    propose(lines, CONTENT_TYPE, kind);
    let Some(used) = boundary_of(kind).filter(|_| is_multipart(kind)) else {
        return;
    };
    let own = lines
        .iter_mut()
        .find(|(name, value)| name.eq_ignore_ascii_case(CONTENT_TYPE) && is_multipart(value));
    if let Some((_, value)) = own
        && boundary_of(value) != Some(used)
    {
        *value = with_boundary(value, used);
    }
}

/// Merges the user's cookies and the jar's into one `Cookie` line. On equal names the user's cookie takes
/// precedence. `jar` holds the names and values for the URL, in order.
pub fn add_cookies(lines: &mut Lines, jar: &[(String, String)]) {
    let own = lines
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(COOKIE));
    let own = own.map(|(_, value)| value.trim().trim_end_matches(';'));
    let own: Vec<String> = own
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect();
    let own = own.join("; ");
    let named = |name: &str| {
        let pairs = own.split(';').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().any(|(known, _)| known.trim() == name)
    };
    let more = jar.iter().filter(|(name, _)| !named(name));
    let more: Vec<String> = more
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if more.is_empty() {
        return;
    }
    let all = match own.is_empty() {
        true => more.join("; "),
        false => format!("{own}; {}", more.join("; ")),
    };
    let place = lines
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(COOKIE));
    remove(lines, &[COOKIE]);
    lines.insert(place.unwrap_or(lines.len()), ("Cookie".to_owned(), all));
}

const CONTENT_TYPE: &str = "Content-Type";
const COOKIE: &str = "cookie";

fn is_multipart(kind: &str) -> bool {
    let kind = kind.trim_start().as_bytes();
    let start = kind.get(..10);
    start.is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pairs: &[(&str, &str)]) -> Lines {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_users_multipart_type_gets_the_boundary_of_the_body() {
        let body = Body {
            content_type: Some("multipart/form-data; boundary=used".to_owned()),
            ..Body::default()
        };
        for (own, expected) in [
            (None, "multipart/form-data; boundary=used"),
            (
                Some("multipart/form-data"),
                "multipart/form-data; boundary=used",
            ),
            (
                Some("Multipart/Form-Data ;"),
                "Multipart/Form-Data; boundary=used",
            ),
            (
                Some("multipart/mixed; a=b"),
                "multipart/mixed; a=b; boundary=used",
            ),
            (
                Some("multipart/form-data; Boundary=\"used\""),
                "multipart/form-data; Boundary=\"used\"",
            ),
            (
                Some("multipart/form-data; boundary=other; a=b"),
                "multipart/form-data; a=b; boundary=used",
            ),
            (
                Some("multipart/form-data; boundary="),
                "multipart/form-data; boundary=used",
            ),
            (Some("text/plain"), "text/plain"),
        ] {
            let mut lines = own.map_or_else(Lines::new, |own| lines(&[("content-TYPE", own)]));
            describe(&mut lines, &body);
            assert_eq!(lines.len(), 1, "{own:?}");
            assert_eq!(lines[0].1, expected, "{own:?}");
        }
    }

    #[test]
    fn the_body_uses_the_boundary_that_is_given() {
        for (own, wanted) in [
            ("multipart/form-data; boundary=XYZ", Some("XYZ")),
            ("MULTIPART/mixed; BOUNDARY=\"a b\"; c=d", Some("a b")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary={{b}}", None),
            ("multipart/form-data; boundary=", None),
            ("text/plain; boundary=XYZ", None),
        ] {
            let found = wanted_boundary(&lines(&[("Content-Type", own)]));
            match wanted {
                Some(wanted) => assert_eq!(found, wanted, "{own}"),
                None => assert!(found.starts_with("vayu-"), "{own}: {found}"),
            }
        }
        assert_eq!(
            with_boundary("multipart/x", "a b"),
            "multipart/x; boundary=\"a b\""
        );
    }

    #[test]
    fn cookies_of_both_are_one_line_and_the_users_win() {
        let jar = lines(&[("a", "jar"), ("c", "3")]);
        for (own, expected) in [
            (vec![], "a=jar; c=3"),
            (vec![("cookie", "x=1; a = own ;")], "x=1; a = own ; c=3"),
            (vec![("Cookie", "x=1"), ("COOKIE", "a=2")], "x=1; a=2; c=3"),
            (vec![("Cookie", "a=1; c=")], "a=1; c="),
            (vec![("Cookie", " ")], "a=jar; c=3"),
            (vec![("Cookie", "A=1")], "A=1; a=jar; c=3"),
        ] {
            let mut lines = lines(&own);
            lines.insert(0, ("First".to_owned(), "1".to_owned()));
            add_cookies(&mut lines, &jar);
            assert_eq!(lines.len(), 2, "{own:?}");
            assert_eq!(lines[1].1, expected, "{own:?}");
        }
        let mut own = lines(&[("Cookie", "a=1"), ("cookie", "b=2")]);
        add_cookies(&mut own, &Lines::new());
        assert_eq!(own.len(), 2, "without a jar lines stay as written");
    }
}
