//! Takes the requests that scripts of a run send to who can send them, and their
//! outcomes back to the shards.

use crossbeam_channel::{Receiver, Sender, bounded};
use vayu_worker::engine::RunHandle;
use vayu_worker::script::{ScriptReply, ScriptSend};

use super::RunOrder;

/// Requests that may wait to be sent; more are refused.
const ROOM: usize = 10_000;

/// A channel for what scripts send, where there are scripts that send.
pub fn script_sends(
    order: &RunOrder,
) -> (Option<Sender<ScriptSend>>, Option<Receiver<ScriptSend>>) {
    let sender = order
        .scripts
        .as_ref()
        .and_then(|scripts| scripts.sender.as_ref());
    match sender {
        Some(_) => {
            let (sends, sent) = bounded(ROOM);
            (Some(sends), Some(sent))
        }
        None => (None, None),
    }
}

/// Has them sent, until the shards are through with the run. A thread of its own
/// waits for them; without one, scripts are told that nobody can send.
pub fn send_for_scripts(order: &RunOrder, sent: Option<Receiver<ScriptSend>>, run: RunHandle) {
    let sender = order
        .scripts
        .as_ref()
        .and_then(|scripts| scripts.sender.clone());
    let (Some(sender), Some(sent)) = (sender, sent) else {
        return;
    };
    let work = move || {
        while let Ok(ScriptSend {
            shard,
            token,
            request,
        }) = sent.recv()
        {
            let run = run.clone();
            let reply = move |outcome| run.tell_script(shard, ScriptReply { token, outcome });
            sender.send(request, Box::new(reply));
        }
    };
    let thread = std::thread::Builder::new().name("vayu-sends".into());
    if let Err(error) = thread.spawn(work) {
        tracing::error!("scripts cannot send requests: {error}");
    }
}
