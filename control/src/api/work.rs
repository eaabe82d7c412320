//! Work that a client can make long, off the thread that serves the API: reading JSON of
//! many MiB, a design request with all that goes with it, writing an answer.
//!
//! `GET /health` and every stream are served by one thread, so nothing but moving bytes
//! is done there.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::ApiError;

/// Threads that work. With two, one long piece of work does not hold up the next.
const THREADS: usize = 2;

/// The threads; they end when it is dropped.
pub struct Work {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

impl Work {
    /// Starts the threads. They run on the cores of the thread that starts them.
    ///
    /// # Errors
    /// The system's.
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

    /// Does `work` on one of the threads. It is given up when the returned future is dropped,
    /// as happens when the client goes away.
    ///
    /// # Errors
    /// Those of the work; an internal error when it panics.
    pub async fn on<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let mut task = match &self.runtime {
            Some(runtime) => GivenUpWhenDropped(runtime.spawn(work)),
            None => return Err(ApiError::internal("the engine ends")),
        };
        let done = (&mut task.0).await;
        done.unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
    }

    /// Does `work` on one of the threads until it is done, whoever waits for it.
    pub fn detached(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(work);
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // It may be dropped by a task of another runtime, which must not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct GivenUpWhenDropped<T>(JoinHandle<T>);

impl<T> Drop for GivenUpWhenDropped<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Does `work` on a thread that may block, from one that works.
///
/// # Errors
/// Those of the work; an internal error when it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
}
