// The state of one context: which event runs, and what a script made of it. `main.js` begins and ends events.

module.exports = () => {
  const state = {
    event: '',
    // Whether `startDirect` began this event.
    isDirect: false,
    request: undefined,
    cookies: undefined,
    legacy: undefined,
    // Whether any of these was created in this event.
    isRead: false,
    // Whether a script did something that must be undone: timers, requests, changed settings.
    isUntidy: false,
    reserve: undefined,
    markRead() {
      state.isRead = true;
      host.touch();
    },
    markUntidy() {
      state.isUntidy = true;
      host.touch();
    },
    // Removes what belongs to the event.
    forgetEvent() {
      state.isRead = false;
      state.request = undefined;
      state.cookies = undefined;
      state.legacy = undefined;
    },
  };
  return state;
};
