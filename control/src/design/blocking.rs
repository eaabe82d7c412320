//! Runs blocking work on a thread that may block.

use super::failure::DesignError;

/// Runs `work` on a thread that may block.
///
/// # Errors
/// Returns the error of the work, or [`DesignError::Internal`] if it panics.
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
