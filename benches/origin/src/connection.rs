//! Serves one connection: takes complete requests from its input, responds in order, and ends the connection
//! as the last response requires.
//!
//! Responses to pipelined requests are flushed together when no complete request is left. Responses are
//! written by other modules.

use std::io;
use std::mem::MaybeUninit;
use std::rc::Rc;

use glommio::net::TcpStream;

use crate::answer;
use crate::dispatch::{Outcome, dispatch};
use crate::input::Input;
use crate::reply::{After, Reply};
use crate::request::{MAX_HEADERS, parse};
use crate::state::Local;
use crate::wire::Wire;

/// Serves the connection until it ends.
///
/// # Errors
///
/// Returns an error if the client resets the connection.
pub(crate) async fn serve(stream: TcpStream, local: Rc<Local>) -> io::Result<()> {
    let mut wire = Wire::new(stream, Rc::clone(&local))?;
    let mut input = Input::new();
    let mut answers = 0;
    loop {
        let after = match take_request(&mut input, &mut wire.out, &local) {
            Some(Outcome::Written(after)) => after,
            Some(Outcome::Pending(job, reply)) => job.run(reply, &mut wire).await?,
            None => {
                wire.flush().await?;
                if wire.receive(&mut input).await? == 0 {
                    return Ok(());
                }
                continue;
            }
        };
        answers += 1;
        match after {
            After::Close => return wire.close().await,
            After::Reset => return wire.reset().await,
            After::CloseAfterResponses(limit) if answers >= limit => return wire.close().await,
            After::CloseAfterResponses(_) | After::Continue => wire.flush_full().await?,
        }
    }
}

/// Responds to the first request of the input. Returns `None` while it is incomplete.
fn take_request<'a>(input: &mut Input, out: &mut Vec<u8>, local: &'a Local) -> Option<Outcome<'a>> {
    if input.pending().is_empty() {
        return None;
    }
    let mut slots = [MaybeUninit::uninit(); MAX_HEADERS];
    let (outcome, used) = match parse(input.pending(), &mut slots) {
        Ok(Some(request)) => (dispatch(&request, out, local), request.wire_length),
        Ok(None) => return None,
        Err(refusal) => {
            local.counters().refused();
            let after = answer::refused(Reply::to_refused(local), out, refusal);
            (Outcome::Written(after), input.pending().len())
        }
    };
    input.consume(used);
    Some(outcome)
}
