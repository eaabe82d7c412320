//! Boundaries of multipart bodies: new ones, and those in a `Content-Type`.

/// Returns a random boundary.
pub fn new_boundary() -> String {
    format!("vayu-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}

/// Iterates over the parameters of a media type.
fn parameters(kind: &str) -> impl Iterator<Item = &str> {
    kind.split(';').skip(1).map(str::trim)
}

fn is_boundary_parameter(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    name.trim().eq_ignore_ascii_case("boundary")
}

/// Returns the boundary of a media type.
pub fn boundary_of(kind: &str) -> Option<&str> {
    let parameter = parameters(kind).find(|parameter| is_boundary_parameter(parameter))?;
    let (_, value) = parameter.split_once('=')?;
    Some(value.trim().trim_matches('"'))
}

/// Returns whether `text` is a legal boundary (RFC 2046, 5.1.1).
pub fn is_boundary(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    (1..=70).contains(&text.len()) && text.bytes().all(legal) && !text.ends_with(' ')
}

/// Returns a media type with its boundary replaced by this one.
pub fn with_boundary(kind: &str, boundary: &str) -> String {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let others = parameters(kind).filter(|one| !one.is_empty() && !is_boundary_parameter(one));
    let mut written = others.fold(essence.to_owned(), |kind, one| format!("{kind}; {one}"));
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"'+_-.".contains(&byte);
    written += &match boundary.bytes().all(is_token) {
        true => format!("; boundary={boundary}"),
        false => format!("; boundary=\"{boundary}\""),
    };
    written
}
