//! Work that blocks, on a thread that may.

use super::failure::DesignError;

/// Does `work` on a thread that may block.
///
/// # Errors
/// Those of the work; [`DesignError::Internal`] when it panics.
pub async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, DesignError>
where
    T: Send + 'static,
    E: Into<DesignError> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| DesignError::Internal(error.to_string()))?;
    done.map_err(Into::into)
}
