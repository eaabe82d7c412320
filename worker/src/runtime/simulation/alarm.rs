//! The alarm of a shard in a simulated world; see [`crate::runtime::alarm`].

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use vayu_shared::units::Nanos;

use super::World;
use crate::waker_cell::WakerCell;

/// A timer on the virtual clock.
pub struct Alarm {
    world: Rc<World>,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    /// Generation of the setting: an expiration of an earlier setting is ignored.
    setting: Cell<u64>,
    is_over: Cell<bool>,
    waiting: WakerCell,
}

impl Alarm {
    pub fn new(world: &Rc<World>) -> Self {
        Self {
            world: Rc::clone(world),
            state: Rc::default(),
        }
    }

    pub async fn wait_until(&self, at: Nanos) {
        self.set(at);
        poll_fn(|context| {
            if self.state.is_over.get() {
                return Poll::Ready(());
            }
            self.state.waiting.remember(context.waker());
            Poll::Pending
        })
        .await;
    }

    pub fn ring(&self) {
        self.set(0);
    }

    fn set(&self, at: Nanos) {
        let setting = self.state.setting.get() + 1;
        self.state.setting.set(setting);
        self.state.is_over.set(false);
        if at == Nanos::MAX {
            return;
        }
        let delay = self.world.conditions.alarm_delay;
        let at = at.max(self.world.now()).saturating_add(delay);
        let state = Rc::clone(&self.state);
        self.world.schedule(at, move |_, _| {
            if state.setting.get() == setting {
                state.is_over.set(true);
                state.waiting.wake();
            }
        });
    }
}
