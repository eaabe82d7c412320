//! Reads request bodies within their limits. Errors have the API's error shape.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::{self, Bytes, BytesMut, Payload};
use futures_core::Stream;
use serde_json::{Map, Value};
use vayu_shared::{json, limits};

use super::ApiError;

/// Fields of a body as the client sent them, where they differ from the API's contract. Attached to the
/// request by the middleware that translated the body.
#[derive(Clone, Debug)]
pub struct OriginalFields(pub Map<String, Value>);

/// Member of a stored body that contains those fields, for the client to read back.
pub const ORIGINAL_FIELDS_KEY: &str = "sentAs";

/// The JSON of a body, and its text.
pub struct JsonBody {
    /// The parsed value.
    pub value: Value,
    /// The text as received.
    pub text: String,
}

/// Reads a body of any content.
///
/// # Errors
/// Returns a 413 beyond the limit, a 400 if the client aborts, a 408 if it is silent or slow for too long,
/// and a 503 if too many bytes are being received already.
pub async fn read_bytes(payload: Payload) -> Result<Bytes, ApiError> {
    read_up_to(payload, limits::API_BODY_BYTES).await
}

/// Reads a body of at most `most` bytes.
///
/// # Errors
/// See [`read_bytes`].
pub async fn read_up_to(payload: Payload, most: usize) -> Result<Bytes, ApiError> {
    let received = receive(payload, most, limits::API_BODY_IDLE_TIMEOUT);
    let whole = tokio::time::timeout(limits::API_BODY_TIME, received);
    whole
        .await
        .unwrap_or_else(|_| Err(unfinished(limits::API_BODY_TIME)))
}

/// Assembles a body whose parts arrive at most `silence` apart.
async fn receive<P>(mut payload: P, most: usize, silence: Duration) -> Result<Bytes, ApiError>
where
    P: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    let mut room = Room::default();
    let mut body = BytesMut::new();
    loop {
        let more = poll_fn(|cx| Pin::new(&mut payload).poll_next(cx));
        let more = tokio::time::timeout(silence, more).await;
        match more.map_err(|_| unfinished(silence))? {
            None => return Ok(body.freeze()),
            Some(Err(error)) => {
                let message = format!("the body could not be read: {error}");
                return Err(ApiError::invalid(message));
            }
            Some(Ok(part)) if body.len() + part.len() > most => {
                return Err(ApiError::too_large(most));
            }
            Some(Ok(part)) => {
                room.take(part.len())?;
                body.extend_from_slice(&part);
            }
        }
    }
}

fn unfinished(limit: Duration) -> ApiError {
    let seconds = limit.as_secs();
    ApiError::unfinished(format!("no more of the body came within {seconds} s"))
}

/// Total bytes of all bodies that are being received.
static RECEIVED: AtomicUsize = AtomicUsize::new(0);

/// The share of one body in [`RECEIVED`].
#[derive(Default)]
struct Room(usize);

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        let before = RECEIVED.fetch_add(bytes, Ordering::Relaxed);
        self.0 += bytes;
        if before + bytes <= limits::API_BODIES_BYTES {
            return Ok(());
        }
        let mib = limits::API_BODIES_BYTES / (1024 * 1024);
        Err(ApiError::busy(format!(
            "the engine is already receiving {mib} MiB of request bodies; retry later"
        )))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        RECEIVED.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// Reads a JSON body and passes it to `use_it`, both on a thread that may block.
///
/// # Errors
/// Returns a 413 beyond the limit, a 400 if the body is empty or not JSON, and the error of `use_it`.
pub async fn read_json<T: Send + 'static>(
    payload: Payload,
    use_it: impl FnOnce(&JsonBody) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let bytes = read_bytes(payload).await?;
    web::block(move || use_it(&JsonBody::read(bytes)?)).await?
}

impl JsonBody {
    /// Parses the JSON of a body. Takes long for large bodies.
    ///
    /// # Errors
    /// Returns a 400 if the body is empty or not JSON, and a 413 if it has too many values.
    pub fn read(bytes: Bytes) -> Result<Self, ApiError> {
        if bytes.is_empty() {
            return Err(ApiError::invalid(
                "the body is empty; expected a JSON object",
            ));
        }
        let text = String::from_utf8(bytes.into())
            .map_err(|_| ApiError::invalid("the body is not UTF-8"))?;
        let most = limits::API_BODY_VALUES;
        if !json::has_at_most(&text, most) {
            return Err(ApiError::too_many_values(most));
        }
        let value = json::read(&text)
            .map_err(|error| ApiError::invalid(format!("the body is not JSON: {error}")))?;
        Ok(Self { value, text })
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use super::*;

    /// A body of `left` parts of 1 MiB, which then ends or stalls.
    struct Parts {
        left: usize,
        ends: bool,
    }

    impl Stream for Parts {
        type Item = Result<Bytes, PayloadError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            match (self.left, self.ends) {
                (0, true) => Poll::Ready(None),
                (0, false) => Poll::Pending,
                _ => {
                    self.left -= 1;
                    Poll::Ready(Some(Ok(Bytes::from(vec![b'x'; 1024 * 1024]))))
                }
            }
        }
    }

    fn received(parts: Parts) -> Result<usize, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let whole = runtime.block_on(receive(
            parts,
            limits::API_BODY_BYTES,
            Duration::from_millis(20),
        ));
        whole
            .map(|body| body.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_body_ends_by_itself_by_size_or_by_silence() {
        let parts = |left, ends| received(Parts { left, ends });
        assert_eq!(parts(16, true), Ok(16 * 1024 * 1024));
        for (left, ends, code) in [
            (17, true, "PAYLOAD_TOO_LARGE"),
            (3, false, "REQUEST_TIMEOUT"),
        ] {
            let error = parts(left, ends).expect_err("too much or too little");
            assert!(error.starts_with(code), "{error}");
        }
    }

    #[test]
    fn bodies_share_what_there_is() {
        let (mut first, mut second) = (Room::default(), Room::default());
        first.take(limits::API_BODIES_BYTES).expect("all of it");
        let error = second.take(1).expect_err("nothing is left").to_string();
        assert!(error.starts_with("BUSY"), "{error}");
        drop((first, second));
    }
}
