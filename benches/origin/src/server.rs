//! One executor: accepts and serves connections until it is stopped.

use std::os::fd::{FromRawFd, IntoRawFd};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use futures_lite::future::or;
use glommio::net::{TcpListener, TcpStream};
use glommio::timer::Timer;
use socket2::Socket;

use crate::connection::serve;
use crate::registry::Registry;
use crate::state::Local;
use crate::stop::StopSignal;

/// Pause after a failed accept, e.g. when file descriptors are exhausted.
const ACCEPT_RETRY: Duration = Duration::from_millis(5);

/// Serves the connections of `listener`. Sends on `ready` when it begins.
pub(crate) async fn run(listener: Socket, local: Local, stop: Arc<StopSignal>, ready: Sender<()>) {
    // The first timer of an executor takes tens of milliseconds. Run it here so that it does not delay a
    // response.
    Timer::new(Duration::from_micros(1)).await;
    // SAFETY: the socket releases its descriptor here, so the descriptor has one owner.
    let listener = unsafe { TcpListener::from_raw_fd(listener.into_raw_fd()) };
    let registry = Rc::new(Registry::default());
    // The thread that started the origin may have stopped waiting.
    let _ = ready.send(());
    or(
        stop.raised(),
        accept_all(&listener, &registry, Rc::new(local)),
    )
    .await;
    drop(listener);
    registry.end_all().await;
}

async fn accept_all(listener: &TcpListener, registry: &Rc<Registry>, local: Rc<Local>) {
    loop {
        local.shared.freeze.over().await;
        match listener.accept().await {
            Ok(stream) => start(stream, registry, &local),
            Err(_) => {
                Timer::new(ACCEPT_RETRY).await;
            }
        }
    }
}

fn start(stream: TcpStream, registry: &Rc<Registry>, local: &Rc<Local>) {
    let membership = registry.join();
    let local = Rc::clone(local);
    glommio::spawn_local(async move {
        local.counters().opened();
        // A connection reset by the client has ended like any other.
        let _ = or(serve(stream, Rc::clone(&local)), async {
            membership.ended().await;
            Ok(())
        })
        .await;
        local.counters().closed();
    })
    .detach();
}
