//! Threads for work whose duration depends on the client, off the thread that serves the API: parsing JSON of
//! many MiB, executing a design request, serializing a response.
//!
//! One thread serves `GET /health` and every stream, so it only moves bytes.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::ApiError;

/// Number of worker threads. With two, one long task does not block the next.
const THREADS: usize = 2;

/// The threads. They end when this value is dropped.
pub struct Work {
    /// Taken on drop.
    runtime: Option<Runtime>,
}

impl Work {
    /// Starts the threads. They inherit the CPU affinity of the calling thread.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("vayu-work")
            .enable_all()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
        })
    }

    /// Runs `work` on one of the threads. The task is aborted if the returned future is dropped, which
    /// happens when the client disconnects.
    ///
    /// # Errors
    /// Returns the error of the task, or an internal error if it panics.
    pub async fn on<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let mut task = match &self.runtime {
            Some(runtime) => AbortOnDrop(runtime.spawn(work)),
            None => return Err(ApiError::internal("the engine ends")),
        };
        let done = (&mut task.0).await;
        done.unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
    }

    /// Runs `work` on one of the threads to its end, independent of the client.
    pub fn detached(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(work);
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // May be dropped by a task of another runtime, which must not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs `work` on a thread that may block. Called from a worker thread.
///
/// # Errors
/// Returns the error of the task, or an internal error if it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
}
