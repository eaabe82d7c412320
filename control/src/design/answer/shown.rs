//! Presents a response body as text, parsed JSON or base64, depending on its media type and charset.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use vayu_shared::content::charset;
use vayu_shared::json;

/// A body as a JSON value.
#[derive(Debug, Default, Serialize)]
#[serde(untagged)]
pub enum ShownBody {
    /// Binary or no body: `null`.
    #[default]
    None,
    /// JSON, kept as its text: parsed values would take twenty times its memory.
    Json(Box<RawValue>),
    /// Other text.
    Text(String),
}

/// A response body for display.
pub struct Shown {
    /// The body as a JSON value.
    pub body: ShownBody,
    /// The body as text, or base64 if it is binary.
    pub raw: String,
    /// Whether `raw` is base64.
    pub is_base64: bool,
    /// The body, if the bytes of `raw` differ from it.
    pub bytes: Option<Vec<u8>>,
}

impl Shown {
    /// Presents a body without content coding whose Content-Type is `kind`.
    pub fn new(kind: &str, body: Vec<u8>) -> Self {
        let essence = charset::essence(kind);
        match text_of(kind, &essence, &body) {
            Some(raw) => {
                let is_json = essence.ends_with("json") || essence.is_empty();
                let looks_like_it = raw.trim_start().starts_with(['{', '[']);
                let parsed = (is_json || looks_like_it)
                    .then(|| json::checked(raw.trim_start_matches('\u{feff}')).ok())
                    .flatten();
                Self {
                    body: parsed.map_or_else(|| ShownBody::Text(raw.clone()), ShownBody::Json),
                    bytes: (raw.as_bytes() != body).then_some(body),
                    raw,
                    is_base64: false,
                }
            }
            None => Self {
                body: ShownBody::None,
                raw: STANDARD.encode(body),
                is_base64: true,
                bytes: None,
            },
        }
    }
}

/// Returns a body as text. Returns `None` for media types that are never text, and for bytes that are invalid
/// in their charset.
fn text_of(kind: &str, essence: &str, body: &[u8]) -> Option<String> {
    let is_binary = ["image/", "audio/", "video/", "font/"]
        .iter()
        .any(|family| essence.starts_with(family) && essence != "image/svg+xml")
        || matches!(
            essence,
            "application/octet-stream" | "application/pdf" | "application/zip"
        );
    if is_binary {
        return None;
    }
    let text = charset::valid_text(kind, body)?;
    (!text.contains('\0')).then(|| text.into_owned())
}
