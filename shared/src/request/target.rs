//! The request target with variables: the text between variables is normalized by the URL standard, and the
//! variables stay intact.

use super::escape::encode_form;
use crate::http::Endpoint;
use crate::spec::RequestSpec;
use crate::template::{Deferred, Template};

/// Returns path and query of a request.
pub fn of(request: &RequestSpec, left: Deferred) -> Template {
    let typed = Template::with(&request.url, left);
    let constant = || Template::text(&request.endpoint.path_and_query);
    if typed.constant().is_some() {
        return constant();
    }
    let mark = mark_for(&request.url);
    let marked = typed.marked(&mark);
    let endpoint = match request.path_as_is {
        true => Endpoint::parse_as_is(&marked),
        false => Endpoint::parse(&marked),
    };
    endpoint.map_or_else(
        |_| constant(),
        |endpoint| typed.restored(&endpoint.path_and_query, &mark),
    )
}

/// Returns the parameters appended to the query of a request.
pub fn parameters(request: &RequestSpec, left: Deferred) -> Template {
    let mut mark = match request.endpoint.path_and_query.contains('?') {
        true => '&',
        false => '?',
    };
    let mut all = Template::text("");
    for (name, value) in &request.parameters {
        let (name, value) = (encode_form(name, left), encode_form(value, left));
        all = all.then(Template::with(&format!("{mark}{name}={value}"), left));
        mark = '&';
    }
    all
}

/// Returns a marker for variables: letters that percent-encoding does not use, that do not occur in the text
/// and cannot overlap with it.
fn mark_for(text: &str) -> String {
    let runs = text.split(|c| c != 'w').map(str::len);
    format!("v{}", "w".repeat(runs.max().unwrap_or(0) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamic::DynamicSource;
    use crate::http::Method;

    fn target(url: &str, path_as_is: bool, left: Deferred) -> String {
        let endpoint = match path_as_is {
            true => Endpoint::parse_as_is(url),
            false => Endpoint::parse(url),
        };
        let request = RequestSpec {
            path_as_is,
            ..RequestSpec::new(Method::Get, url, endpoint.expect("legal"))
        };
        of(&request, left).render_text(&mut DynamicSource::new(1), 1_700_000_000_000_000_000)
    }

    #[test]
    fn parameters_are_encoded_with_what_their_variables_become() {
        for (url, parameters) in [
            ("http://h/", "?k+1=%7B%7Bv%7D%7D&w=a%26b"),
            ("http://h/?a", "&k+1=%7B%7Bv%7D%7D&w=a%26b"),
        ] {
            let endpoint = Endpoint::parse(url).expect("legal");
            let pairs = [("k 1", "{{v}}"), ("w", "a&b")];
            let request = RequestSpec {
                parameters: pairs
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
                ..RequestSpec::new(Method::Get, url, endpoint)
            };
            assert_eq!(
                super::parameters(&request, Deferred::Nothing).constant(),
                Some(parameters)
            );
            assert!(
                super::parameters(&request, Deferred::All)
                    .constant()
                    .is_none()
            );
        }
    }

    #[test]
    fn what_is_between_the_places_is_written_by_the_standard() {
        for (typed, dynamic, all) in [
            ("/a b", "/a%20b", "/a%20b"),
            (
                "/{{$timestamp}}/ü?q='{{$timestamp}}#{{$timestamp}}",
                "/1700000000/%C3%BC?q=%271700000000",
                "/1700000000/%C3%BC?q=%271700000000",
            ),
            ("/a/../{{$timestamp}}", "/1700000000", "/1700000000"),
            (
                "/{{$timestamp}}/../v{{$timestamp}}v",
                "/v1700000000v",
                "/v1700000000v",
            ),
            (
                "/{{ a }}?{{b}}",
                "/%7B%7B%20a%20%7D%7D?{{b}}",
                "/{{ a }}?{{b}}",
            ),
            (
                "/%7B%7B$guid%7D%7D",
                "/%7B%7B$guid%7D%7D",
                "/%7B%7B$guid%7D%7D",
            ),
        ] {
            let url = format!("http://h:1{typed}");
            assert_eq!(target(&url, false, Deferred::Dynamic), dynamic, "{typed}");
            assert_eq!(target(&url, false, Deferred::All), all, "{typed}");
        }
        let as_is = target("http://h/a/../v{{$timestamp}}'", true, Deferred::Dynamic);
        assert_eq!(as_is, "/a/../v1700000000'");
        let nothing = target("http://h/?{{$guid}}", false, Deferred::Nothing);
        assert_eq!(nothing, "/?{{$guid}}");
    }
}
