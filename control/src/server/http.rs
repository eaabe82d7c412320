//! The HTTP server: connections of one listener, and the application that serves them.
//!
//! It is assembled by hand instead of by `actix_web::HttpServer`, which has no hook between a connection and
//! its parser, where responses of the parser itself get their body.

use std::fmt::Debug;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Request};
use actix_server::Server;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Response};
use actix_web::rt::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::error_bodies::{ErrorBodies, HEAD_TIMEOUT};
use super::tls::ServerConnection;

/// Time for which the rest of a refused request is still read and discarded, so that the client receives the
/// response.
const LINGER: Duration = Duration::from_secs(1);
/// Timeout for requests in progress at shutdown, in seconds.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 1;

/// Serves the application that `app` creates on all connections of the listener. `ending` closes idle
/// connections.
///
/// # Errors
/// Returns the system's error.
pub fn serve<App, Factory, Body>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    ending: Arc<Notify>,
    app: impl Fn() -> App + Clone + Send + 'static,
) -> io::Result<Server>
where
    App: IntoServiceFactory<Factory, Request>,
    Factory: ServiceFactory<Request, Config = AppConfig> + 'static,
    Factory::Error: Into<actix_web::Error>,
    Factory::InitError: Debug,
    Factory::Response: Into<Response<Body>>,
    Body: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let connections = move || {
        let ending = Arc::clone(&ending);
        let app = app().into_factory();
        let app = app.map_err(|error| error.into().error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let ending = Arc::clone(&ending);
                async move { ending.notified().await }
            })
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(LINGER)
            .h1_allow_half_closed(false)
            .local_addr(address)
            .h1(map_config(app, |()| AppConfig::default()));
        let tls = tls.clone();
        fn_service(move |stream: TcpStream| accept(stream, tls.clone())).and_then(http)
    };
    let server = Server::build()
        // The default is one thread per core, but the cores belong to the shards.
        .workers(1)
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
        .disable_signals()
        .listen("api", listener, connections)?;
    Ok(server.run())
}

/// A connection as the HTTP service sees it, and the peer's address.
type Accepted = (ErrorBodies<ServerConnection>, Option<SocketAddr>);

/// Prepares a connection for HTTP.
async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>) -> Result<Accepted, DispatchError> {
    let peer = stream.peer_addr().ok();
    // Fails if the connection is already closed.
    let _ = stream.set_nodelay(true);
    let connection = match tls {
        None => ServerConnection::Plain(stream),
        Some(tls) => {
            let handshake = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await;
            let encrypted = handshake.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            ServerConnection::Encrypted(Box::new(encrypted.map_err(DispatchError::Io)?))
        }
    };
    Ok((ErrorBodies::new(connection), peer))
}
