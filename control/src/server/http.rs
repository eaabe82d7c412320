//! The HTTP side: connections of one listener, and the application that answers them.
//!
//! It is put together by hand rather than by `actix_web::HttpServer`, because that leaves no
//! place between a connection and its parser, where answers of the parser itself get their body.

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

use super::error_bodies::ErrorBodies;
use super::tls::Connection;

/// How long the head of a request may take to come.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// How long a client that was refused may still send what nobody reads, so that it gets to its answer.
const LINGER: Duration = Duration::from_secs(1);
/// How long requests in progress have when the engine ends, in seconds.
const LAST_SECONDS: u64 = 1;

/// Serves an application made by `app` to whoever connects. `ending` closes idle connections.
///
/// # Errors
/// The system's.
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
            .client_request_timeout(HEAD_PATIENCE)
            .client_disconnect_timeout(LINGER)
            .h1_allow_half_closed(false)
            .local_addr(address)
            .h1(map_config(app, |()| AppConfig::default()));
        let tls = tls.clone();
        fn_service(move |stream: TcpStream| accept(stream, tls.clone())).and_then(http)
    };
    let server = Server::build()
        // The default is a thread per core, and the cores are the shards'.
        .workers(1)
        .shutdown_timeout(LAST_SECONDS)
        .disable_signals()
        .listen("api", listener, connections)?;
    Ok(server.run())
}

/// A connection as HTTP sees it, and where it comes from.
type Accepted = (ErrorBodies<Connection>, Option<SocketAddr>);

/// Makes a connection ready for HTTP.
async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>) -> Result<Accepted, DispatchError> {
    let peer = stream.peer_addr().ok();
    // It fails for a connection that is closed by now.
    let _ = stream.set_nodelay(true);
    let connection = match tls {
        None => Connection::Plain(stream),
        Some(tls) => {
            let handshake = tokio::time::timeout(HEAD_PATIENCE, tls.accept(stream)).await;
            let encrypted = handshake.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            Connection::Encrypted(Box::new(encrypted.map_err(DispatchError::Io)?))
        }
    };
    Ok((ErrorBodies::new(connection), peer))
}
