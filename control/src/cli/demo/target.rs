//! The target of the demo: answers every request with the same few bytes.
//!
//! It accepts requests without a body, as the demo sends them, and only searches for their end. It injects no
//! faults and counts nothing: `vayu-origin` does, but then the demo would have to be built with it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

use vayu_worker::placement;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n";
/// Stack size of a connection's thread in bytes; the thread holds one buffer.
const STACK: usize = 64 * 1024;

/// Starts the target on a free loopback port. It runs off the shards' cores if there are others, and ends
/// with the process.
///
/// # Errors
/// Returns the system's error if no port or thread is available.
pub fn start(shards: &[usize]) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let shards = shards.to_vec();
    thread::Builder::new()
        .name("demo-target".into())
        .spawn(move || {
            placement::keep_off(&shards);
            // A connection that is aborted before it is accepted does not end the loop.
            listener.incoming().flatten().for_each(serve);
        })?;
    Ok(address)
}

/// Serves a connection on a thread of its own. If no thread can be started, the connection is closed.
fn serve(connection: TcpStream) {
    let answering = move || answer_all(connection);
    let _ = thread::Builder::new()
        .name("demo-target".into())
        .stack_size(STACK)
        .spawn(answering);
}

/// Answers requests until the client closes, or sends a head that is longer than the buffer.
fn answer_all(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = [0; 8 * 1024];
    let mut held = 0;
    while held < buffer.len() {
        let count = connection.read(&mut buffer[held..])?;
        if count == 0 {
            break;
        }
        held += count;
        if buffer[..held].ends_with(b"\r\n\r\n") {
            connection.write_all(ANSWER)?;
            held = 0;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_each_request_however_it_arrives() {
        let address = start(&[]).expect("a target");
        let mut connection = TcpStream::connect(address).expect("a connection");
        connection.set_nodelay(true).expect("an option");
        for parts in [
            ["GET / HTTP/1.1\r\n", "\r\n"],
            ["GET / HTTP/1.1\r\nA: b\r", "\n\r\n"],
        ] {
            for part in parts {
                connection.write_all(part.as_bytes()).expect("sent");
            }
            let mut answer = vec![0; ANSWER.len()];
            connection.read_exact(&mut answer).expect("an answer");
            assert_eq!(answer, ANSWER);
        }
    }
}
