//! `vayu-origin`: the test origin as a separate process.
//!
//! Starts the library's origin, prints its address, and stops on a signal.

mod args;

use std::io::{self, Write};
use std::process::ExitCode;

use vayu_origin::Origin;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is nowhere to report the failure.
            let _ = writeln!(io::stderr(), "vayu-origin: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let config = args::parse();
    // Before any thread starts: threads inherit the signal mask, so only this thread receives the signals.
    let signals = StopSignals::block()?;
    let origin = Origin::start(config)?;
    let mut stdout = io::stdout();
    writeln!(stdout, "vayu-origin listening on http://{}", origin.addr())?;
    stdout.flush()?;
    signals.wait()?;
    origin.stop();
    Ok(())
}

/// SIGINT and SIGTERM, blocked from their default action.
struct StopSignals(libc::sigset_t);

impl StopSignals {
    fn block() -> io::Result<Self> {
        // SAFETY: `sigset_t` is plain data and `sigemptyset` makes it valid; the other calls get valid
        // pointers to it and accept a null old set.
        let (set, error) = unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, libc::SIGINT);
            libc::sigaddset(&raw mut set, libc::SIGTERM);
            let error =
                libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
            (set, error)
        };
        if error == 0 {
            Ok(Self(set))
        } else {
            Err(io::Error::from_raw_os_error(error))
        }
    }

    /// Waits for one of the signals.
    fn wait(&self) -> io::Result<()> {
        let mut signal = 0;
        // SAFETY: both pointers are valid for the call.
        let error = unsafe { libc::sigwait(&raw const self.0, &raw mut signal) };
        if error == 0 {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(error))
        }
    }
}
