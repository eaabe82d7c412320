//! Whether an idle connection can be used for the next request.

/// State of an idle connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleState {
    /// Open, without unread bytes: the next request can be sent.
    Usable,
    /// Closed by the peer, or broken.
    Closed,
    /// This number of unsolicited bytes arrived. They could not be distinguished from the next response.
    Dirty(u64),
}
