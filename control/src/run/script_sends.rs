//! Passes the requests that scripts of a run send to a sender, and their outcomes back to the shards.

use crossbeam_channel::{Receiver, Sender, bounded};
use vayu_worker::engine::RunHandle;
use vayu_worker::script::{ScriptReply, ScriptSend};

use super::PreparedRun;

/// Maximum number of requests waiting to be sent. More are refused.
const ROOM: usize = 10_000;

/// Creates the channel for requests of scripts, if there are scripts that send.
pub fn script_sends(
    order: &PreparedRun,
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

/// Has the requests sent until the shards have finished the run. A dedicated thread receives them; without
/// it, scripts get the error that sending is unavailable.
pub fn send_for_scripts(order: &PreparedRun, sent: Option<Receiver<ScriptSend>>, run: RunHandle) {
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
            let reply =
                move |outcome| run.deliver_script_reply(shard, ScriptReply { token, outcome });
            sender.send(request, Box::new(reply));
        }
    };
    let thread = std::thread::Builder::new().name("vayu-sends".into());
    if let Err(error) = thread.spawn(work) {
        tracing::error!("scripts cannot send requests: {error}");
    }
}
