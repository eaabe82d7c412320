//! Tokens: read from a file, kept as hashes, compared in constant time.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{ApiClient, TokenScope};

/// Maximum number of tokens in a file.
const MAX_TOKENS: usize = 1_000;

/// Why a token file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// The file cannot be read.
    #[error("cannot read the token file {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A line of the file is invalid.
    #[error("{}:{line}: {problem}; expected `NAME SCOPE TOKEN`; SCOPE is read, run or admin", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line number, counted from 1.
        line: usize,
        /// What is wrong with the line. Never contains the token.
        problem: String,
    },
}

/// Checks whether a string can be a token. Clients must be able to send it (RFC 6750, 2.1, without its
/// restriction of the alphabet), and an empty token protects nothing.
///
/// # Errors
/// Returns what is wrong with it.
pub fn validate_token(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("the token is empty; omit it, or create one with `openssl rand -hex 32`");
    }
    if !text.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err("a token may contain only visible ASCII characters and no spaces");
    }
    Ok(())
}

/// Reads the clients of a token file, and logs a warning if everyone can read the file.
pub fn read(path: &Path) -> Result<Vec<ApiClient>, TokenFileError> {
    let failed = |error| TokenFileError::Read {
        path: path.to_owned(),
        error,
    };
    let text = fs::read_to_string(path).map_err(failed)?;
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o007 != 0 {
        tracing::warn!(
            "everyone can read the token file {0}: chmod o= '{0}'",
            path.display()
        );
    }
    let wrong = |line: usize, problem: String| TokenFileError::Line {
        path: path.to_owned(),
        line,
        problem,
    };
    let mut clients: Vec<ApiClient> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let client = parse(line).map_err(|problem| wrong(number, problem))?;
        if clients.iter().any(|known| known.name == client.name) {
            let problem = format!(
                "the name \"{}\" is already used; give each token a name of its own",
                client.name
            );
            return Err(wrong(number, problem));
        }
        if clients.len() == MAX_TOKENS {
            return Err(wrong(
                number,
                format!("there are more than {MAX_TOKENS} tokens"),
            ));
        }
        clients.push(client);
    }
    if clients.is_empty() {
        return Err(wrong(1, "the file contains no token".to_owned()));
    }
    Ok(clients)
}

fn parse(line: &str) -> Result<ApiClient, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let &[name, scope, token] = words.as_slice() else {
        return Err(format!("has {} fields", words.len()));
    };
    let known = TokenScope::ALL
        .into_iter()
        .find(|known| known.name() == scope);
    let scope = known.ok_or_else(|| format!("unknown scope \"{scope}\""))?;
    validate_token(token)?;
    Ok(ApiClient::new(name, scope, token))
}

/// Returns the client whose token has this hash. Always compares all clients.
pub fn find(clients: &[ApiClient], given: &[u8; 32]) -> Option<ApiClient> {
    let mut found = None;
    for client in clients {
        if same(given, &client.token) {
            found = Some(client);
        }
    }
    found.cloned()
}

/// Hashes to a fixed length, so that a comparison reveals neither the length nor a prefix of the token.
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Compares in a time that does not depend on the position of the first difference.
pub fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    let differences = left.iter().zip(right).map(|(a, b)| a ^ b);
    std::hint::black_box(differences.fold(0, |all, one| all | one)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<ApiClient>, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("writable");
        read(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_has_a_token_in_each_line() {
        let text = "# who   scope  token\nci run abc\n\n  lab\tadmin\txyz  \nviewer read 123\n";
        let tokens = read_text(text).unwrap_or_else(|error| panic!("{error}"));
        for (token, name, scope) in [
            ("abc", "ci", TokenScope::Run),
            ("xyz", "lab", TokenScope::Admin),
            ("123", "viewer", TokenScope::Read),
        ] {
            let client = find(&tokens, &hash(token)).expect("it is there");
            assert_eq!((client.name.as_str(), client.scope), (name, scope));
        }
        for other in ["", "ab", "abcd", "ABC", "ci"] {
            assert_eq!(find(&tokens, &hash(other)), None, "{other}");
        }
    }

    #[test]
    fn a_wrong_line_is_named_without_its_token() {
        for (text, words) in [
            ("", "1: the file contains no token"),
            ("# none\n", "1: the file contains no token"),
            ("ci run\n", "1: has 2 fields"),
            ("a run x\nb write s3cret\n", "2: unknown scope \"write\""),
            (
                "a run x\na read s3cret\n",
                "2: the name \"a\" is already used",
            ),
            ("a run s3cr\u{e9}t\n", "visible ASCII"),
        ] {
            let error = read_text(text).expect_err("it is wrong");
            assert!(error.contains(words), "{text:?}: {error}");
            assert!(!error.contains("s3cr"), "{error}");
        }
    }
}
