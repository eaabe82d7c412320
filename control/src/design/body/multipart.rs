//! Form data: bodies of type `multipart/form-data`.
//!
//! Names and file names are escaped as in HTML forms. Values are sent unchanged, including line endings.
//! Whole bodies are built in memory. References: RFC 7578, RFC 2046 for boundaries, WHATWG HTML 4.10.21.8 for
//! names.

use std::ops::Range;
use std::path::Path;

use vayu_shared::body::{BodyPart, PartKind};
use vayu_shared::field_error::FieldError;

use super::{AllowedFiles, Body, BodyContext, MAX_BODY_BYTES};
use crate::contract::{FormData, OneOrMany, Part as Given, PartType};
use crate::design::boundary::with_boundary;

/// A part: everything between its boundary line and the next one.
struct Part {
    head: String,
    /// Range of the names within the head.
    names: Range<usize>,
    content: Vec<u8>,
    /// Whether the content is from a file, in which variables are not replaced.
    is_file: bool,
}

/// Builds the body from the entries of a form.
///
/// # Errors
/// Returns an error for the first invalid entry, named like `body.formdata[2].src`.
pub(super) fn form_data(form: &FormData, context: &BodyContext<'_>) -> Result<Body, FieldError> {
    let mut parts = Parts {
        files: context.files,
        list: Vec::new(),
        left: MAX_BODY_BYTES,
    };
    for (index, entry) in form.0.iter().enumerate() {
        if entry.disabled != Some(true) {
            parts.add(entry, &format!("body.formdata[{index}]"))?;
        }
    }
    let boundary = unused(&context.boundary, &parts.list);
    let (bytes, parts) = join(&boundary, &parts.list);
    Ok(Body {
        bytes,
        content_type: Some(with_boundary("multipart/form-data", &boundary)),
        parts,
    })
}

struct Parts<'a> {
    files: &'a AllowedFiles,
    list: Vec<Part>,
    /// Number of content bytes that still fit into the body.
    left: u64,
}

impl Parts<'_> {
    fn add(&mut self, entry: &Given, path: &str) -> Result<(), FieldError> {
        let key = super::key_of(entry.key.as_ref(), path)?;
        let content_type = content_type(entry, path)?;
        match (entry.r#type, &entry.src) {
            (Some(PartType::File), None) => {
                Err(super::missing(&format!("{path}.src"), "the path of a file"))
            }
            (None | Some(PartType::File), Some(sources)) => {
                self.add_files(entry, sources, path, key, content_type)
            }
            _ => self.add_text(entry, path, key, content_type),
        }
    }

    fn add_text(
        &mut self,
        entry: &Given,
        path: &str,
        key: &str,
        content_type: Option<&str>,
    ) -> Result<(), FieldError> {
        let content = super::text_of(entry.value.as_ref()).as_bytes().to_vec();
        let file_name = entry.file_name.as_deref();
        let length = content.len() as u64;
        self.left = self.left.checked_sub(length).ok_or_else(|| {
            let problem =
                format!("makes the body longer than the maximum of {MAX_BODY_BYTES} bytes");
            FieldError::new(format!("{path}.value"), problem)
        })?;
        self.list
            .push(Part::new(key, file_name, content_type, content, false));
        Ok(())
    }

    /// Adds a part for each file. Several files of one entry share its name.
    fn add_files(
        &mut self,
        entry: &Given,
        OneOrMany(sources): &OneOrMany<String>,
        path: &str,
        key: &str,
        content_type: Option<&str>,
    ) -> Result<(), FieldError> {
        if sources.is_empty() {
            let problem = "is an empty list; expected at least one file path";
            return Err(FieldError::new(format!("{path}.src"), problem));
        }
        let given = entry.file_name.as_deref();
        if given.is_some() && sources.len() > 1 {
            let problem = "is a single name for several files; omit it or use one entry per file";
            return Err(FieldError::new(format!("{path}.fileName"), problem));
        }
        for (index, src) in sources.iter().enumerate() {
            let field = match sources.len() {
                1 => format!("{path}.src"),
                _ => format!("{path}.src[{index}]"),
            };
            let content = self.files.read(&field, src, self.left)?;
            self.left -= content.len() as u64;
            let own = Path::new(src).file_name().and_then(|name| name.to_str());
            let guessed = super::type_of_file(src);
            let content_type = content_type.unwrap_or(&guessed);
            let name = given.or(own).or(Some(""));
            self.list
                .push(Part::new(key, name, Some(content_type), content, true));
        }
        Ok(())
    }
}

/// Returns the content type given by the user. It is written into a header line and must not end it.
fn content_type<'a>(entry: &'a Given, path: &str) -> Result<Option<&'a str>, FieldError> {
    match entry.content_type.as_deref() {
        None | Some("") => Ok(None),
        Some(text) if text.contains('/') && text.bytes().all(|b| matches!(b, b' '..=b'~')) => {
            Ok(Some(text))
        }
        Some(text) => Err(FieldError::new(
            format!("{path}.contentType"),
            format!("is {text:?}; expected a media type like \"image/png\""),
        )),
    }
}

impl Part {
    fn new(
        key: &str,
        file_name: Option<&str>,
        content_type: Option<&str>,
        content: Vec<u8>,
        is_file: bool,
    ) -> Self {
        let mut head = "Content-Disposition: form-data; name=\"".to_owned();
        let from = head.len();
        head += &escaped(key);
        if let Some(name) = file_name {
            head += "\"; filename=\"";
            head += &escaped(name);
        }
        let names = from..head.len();
        head.push('"');
        if let Some(content_type) = content_type {
            head += &format!("\r\nContent-Type: {content_type}");
        }
        head += "\r\n\r\n";
        Self {
            head,
            names,
            content,
            is_file,
        }
    }
}

fn escaped(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Returns `boundary`, with a number appended if a part contains it.
fn unused(boundary: &str, parts: &[Part]) -> String {
    let is_used = |boundary: &str| {
        let in_head = |part: &Part| part.head.contains(boundary);
        parts
            .iter()
            .any(|part| in_head(part) || contains(&part.content, boundary.as_bytes()))
    };
    if !is_used(boundary) {
        return boundary.to_owned();
    }
    // Terminates: parts of finite length cannot contain every number.
    let mut number: u64 = 0;
    loop {
        let candidate = format!("{boundary}{number}");
        if !is_used(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    // Comparing one byte first rules out most positions. The first byte would not do: boundaries of browsers
    // begin with hyphens, and so do lines in files.
    let last = part.last();
    bytes
        .windows(part.len().max(1))
        .any(|window| window.last() == last && window == part)
}

/// Returns the body and how values are encoded in its parts.
fn join(boundary: &str, list: &[Part]) -> (Vec<u8>, Vec<BodyPart>) {
    let line = boundary.len() + "--\r\n\r\n--".len();
    let length = |part: &Part| line + part.head.len() + part.content.len();
    let mut bytes = Vec::with_capacity(line + list.iter().map(length).sum::<usize>());
    let mut parts = Vec::new();
    for part in list {
        bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        parts.push(BodyPart {
            range: bytes.len() + part.names.start..bytes.len() + part.names.end,
            kind: PartKind::FormName,
        });
        bytes.extend_from_slice(part.head.as_bytes());
        let from = bytes.len();
        bytes.extend_from_slice(&part.content);
        if part.is_file {
            parts.push(BodyPart {
                range: from..bytes.len(),
                kind: PartKind::Literal,
            });
        }
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (bytes, parts)
}
