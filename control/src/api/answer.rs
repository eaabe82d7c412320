//! Answers of JSON: written off the API's thread, and sent piece by piece, so that a long
//! one holds up nobody else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes};
use futures_core::Stream;
use serde::Serialize;

use super::ApiError;

/// Bytes sent at once. An answer of no more is sent as a whole.
const PIECE: usize = 256 * 1024;

/// Answers with `value`, which is written on a thread that may block.
///
/// # Errors
/// 500 when JSON text from the database is none.
pub async fn json(value: impl Serialize + Send + 'static) -> Result<HttpResponse, ApiError> {
    let text = web::block(move || written(&value)).await??;
    Ok(sent(text))
}

/// The JSON text of a value. Long for long values.
///
/// # Errors
/// 500 when JSON text from the database is none.
pub fn written(value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(value)
        .map_err(|error| ApiError::internal(format!("what is stored is damaged: {error}")))
}

/// Answers with JSON text.
pub fn sent(text: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json());
    if text.len() <= PIECE {
        return response.body(text);
    }
    let length = text.len() as u64;
    response.body(SizedStream::new(length, Pieces(text.into())))
}

/// A body piece by piece.
struct Pieces(Bytes);

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.0.len().min(PIECE);
        Poll::Ready(Some(Ok(self.0.split_to(length))))
    }
}
