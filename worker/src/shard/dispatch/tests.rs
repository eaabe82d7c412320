//! Drives the dispatcher turn by turn, with explicit instants and no clock.

use super::*;
use vayu_shared::arrivals::{ArrivalPattern, ArrivalRate, ShardArrivals};
use vayu_shared::units::{MILLISECOND, SECOND};
use vayu_shared::vu_schedule::VuSchedule;

const EPOCH: Nanos = 1_000_000;

fn arrivals(rate: f64, pattern: ArrivalPattern) -> ShardArrivals {
    let rate = ArrivalRate::per_second(rate).expect("legal");
    ShardArrivals::new(rate, pattern, SECOND, 0, 1)
}

fn open(rate: f64, most: usize) -> Dispatch {
    dispatch(arrivals(rate, ArrivalPattern::Even), most)
}

fn dispatch(arrivals: ShardArrivals, most: usize) -> Dispatch {
    let load = ShardLoad::Arrivals(arrivals);
    let plan = ShardPlan {
        load,
        end: Some(SECOND),
        earliest_end: None,
        max_connections: most,
    };
    Dispatch::new(plan, EPOCH)
}

fn turn(dispatch: &Dispatch, elapsed: Nanos) -> (Vec<Nanos>, Vec<Rc<VuSlot>>) {
    let (mut lags, mut started) = (Vec::new(), Vec::new());
    let _ = dispatch.turn(
        EPOCH + elapsed,
        0,
        |lag| lags.push(lag),
        |slot| started.push(slot),
    );
    (lags, started)
}

/// The arrival of a virtual user that was free when the arrival was due.
fn fresh(elapsed: Nanos) -> Next {
    Next::Go(Arrival {
        is_fresh: true,
        ..Arrival::at(EPOCH + elapsed)
    })
}

/// The arrival of a virtual user that becomes free `vu_wait` later.
fn waited(elapsed: Nanos, vu_wait: Nanos) -> Next {
    Next::Go(Arrival {
        vu_wait,
        ..Arrival::at(EPOCH + elapsed)
    })
}

#[test]
fn arrivals_are_released_when_due_and_wait_for_a_free_user() {
    let dispatch = open(1000.0, 2);
    let (lags, started) = turn(&dispatch, 3 * MILLISECOND + 7);
    assert_eq!(
        lags,
        [1_000_007, 7],
        "the lags of those nobody was free for"
    );
    assert_eq!((started.len(), dispatch.waiting()), (2, 2));
    let later = EPOCH + 5 * MILLISECOND;
    assert_eq!(dispatch.next(&started[0], later), fresh(0));
    assert_eq!(dispatch.next(&started[1], later), fresh(MILLISECOND));
    let third = waited(2 * MILLISECOND, 3 * MILLISECOND);
    assert_eq!(dispatch.next(&started[0], later), third);
    let fourth = waited(3 * MILLISECOND, 2 * MILLISECOND);
    assert_eq!(dispatch.next(&started[0], later), fourth);
    assert_eq!(dispatch.next(&started[1], later), Next::Wait);
    assert_eq!(dispatch.next_due(later), Some(EPOCH + 4 * MILLISECOND));
    let (_, started_later) = turn(&dispatch, 4 * MILLISECOND);
    assert!(started_later.is_empty(), "an idle user was passed over");
    assert_eq!(dispatch.next(&started[1], 0), fresh(4 * MILLISECOND));
}

#[test]
fn what_waits_at_the_end_is_dropped() {
    let dispatch = open(100.0, 1);
    let (_, started) = turn(&dispatch, 50 * MILLISECOND);
    assert_eq!(dispatch.close(), 5);
    assert_eq!(dispatch.next(&started[0], 0), fresh(0));
    assert_eq!(dispatch.next(&started[0], 0), Next::End);
    assert_eq!(dispatch.next_due(EPOCH), None);
}

#[test]
fn a_turn_is_bounded() {
    let dispatch = open(100_000.0, 1);
    let bounded = dispatch.turn(EPOCH + SECOND, 0, |_| {}, |_| {});
    assert_eq!(bounded.released, RELEASES_PER_TURN);
    assert!(
        dispatch
            .next_due(EPOCH)
            .is_some_and(|due| due < EPOCH + SECOND)
    );
}

#[test]
fn a_burst_starts_a_few_users_per_turn_and_keeps_its_books() {
    let dispatch = open(1000.0, 100);
    let burst = 40 * MILLISECOND;
    let (lags, first) = turn(&dispatch, burst);
    assert_eq!(first.len(), STARTS_PER_TURN);
    assert_eq!(lags.len(), 41 - STARTS_PER_TURN, "the rest waits");
    assert!(
        dispatch
            .next_due(EPOCH)
            .is_some_and(|due| due <= EPOCH + burst)
    );
    // Nothing is known about the target yet, so the next users start a little later.
    let later = burst + 6 * MILLISECOND;
    let (lags, second) = turn(&dispatch, later);
    assert_eq!((lags.len(), second.len()), (6, STARTS_PER_TURN));
    let due = STARTS_PER_TURN as u64 * MILLISECOND;
    assert_eq!(
        dispatch.next(&second[0], EPOCH + later + 9),
        waited(due, later - due)
    );
}

#[test]
fn a_dispatcher_that_has_fallen_behind_is_busy_until_nothing_is_due() {
    let dispatch = open(1000.0, 1);
    let mut released = 0;
    loop {
        let turn = dispatch.turn(EPOCH + SECOND, 0, |_| {}, |_| {});
        released += turn.released;
        assert!(released <= 1000, "arrivals beyond the plan");
        if !turn.is_busy {
            break;
        }
    }
    assert_eq!((released, dispatch.waiting()), (1000, 999));
}

#[test]
fn random_arrivals_wait_with_their_own_due_times() {
    let arrivals = arrivals(1000.0, ArrivalPattern::Poisson { seed: 5 });
    let mut cursor = arrivals.cursor();
    let dispatch = dispatch(arrivals, 1);
    assert_eq!(
        dispatch.next_due(EPOCH),
        cursor.peek().map(|due| EPOCH + due),
        "the first arrival is not due at the epoch"
    );
    let (lags, started) = turn(&dispatch, 100 * MILLISECOND);
    let dues: Vec<Nanos> = std::iter::from_fn(|| cursor.advance())
        .take_while(|due| *due <= 100 * MILLISECOND)
        .collect();
    let lags_of_dues: Vec<_> = dues.iter().map(|due| 100 * MILLISECOND - due).collect();
    assert_eq!(lags, lags_of_dues[1..], "the first was given out");
    let now = EPOCH + 100 * MILLISECOND;
    assert_eq!(dispatch.next(&started[0], now), fresh(dues[0]));
    for due in &dues[1..] {
        let expected = waited(*due, 100 * MILLISECOND - due);
        assert_eq!(dispatch.next(&started[0], now), expected);
    }
    assert_eq!(dispatch.next(&started[0], 0), Next::Wait);
    assert_eq!(dispatch.waiting(), 0);
}

#[test]
fn users_of_a_ramp_start_one_by_one_and_end_with_their_window() {
    let schedule = VuSchedule {
        start: 1,
        target: 3,
        ramp: SECOND,
        duration: Some(2 * SECOND),
    };
    let load = ShardLoad::VirtualUsers {
        windows: schedule.windows_of_shard(0, 1),
        iterations: None,
    };
    let plan = ShardPlan {
        load,
        end: Some(2 * SECOND),
        earliest_end: None,
        max_connections: 9,
    };
    let dispatch = Dispatch::new(plan, EPOCH);
    let (_, first) = turn(&dispatch, 0);
    assert_eq!(
        (first.len(), dispatch.next_due(EPOCH)),
        (1, Some(EPOCH + SECOND / 2))
    );
    assert_eq!(turn(&dispatch, SECOND).1.len(), 2);
    assert_eq!(dispatch.next_due(EPOCH), None);
    assert_eq!(
        dispatch.next(&first[0], EPOCH + 5),
        Next::Go(Arrival::at(EPOCH + 5))
    );
    assert_eq!(dispatch.next(&first[0], EPOCH + 2 * SECOND), Next::End);
}

#[test]
fn iterations_are_taken_exactly() {
    let load = ShardLoad::VirtualUsers {
        windows: VuSchedule::constant(2, None).windows_of_shard(0, 1),
        iterations: Some(3),
    };
    let plan = ShardPlan {
        load,
        end: None,
        earliest_end: Some(0),
        max_connections: 9,
    };
    let dispatch = Dispatch::new(plan, EPOCH);
    let (_, users) = turn(&dispatch, 0);
    let taken: Vec<_> = (0..5)
        .map(|i| dispatch.next(&users[i % 2], EPOCH))
        .collect();
    let made = Next::Go(Arrival::at(EPOCH));
    assert_eq!(taken.iter().filter(|next| **next == made).count(), 3);
    assert_eq!(dispatch.next(&users[0], EPOCH), Next::End);
}

#[test]
fn a_load_is_exhausted_when_its_last_arrival_is_taken_or_its_last_user_started() {
    let even = arrivals(10.0, ArrivalPattern::Even).at_most(Some(2));
    let dispatch = dispatch(even, 1);
    let (_, started) = turn(&dispatch, 0);
    assert!(!dispatch.is_exhausted(), "one has not fallen due");
    let _ = turn(&dispatch, SECOND / 10);
    assert!(!dispatch.is_exhausted(), "it waits for the only user");
    assert!(matches!(dispatch.next(&started[0], EPOCH), Next::Go(_)));
    assert!(!dispatch.is_exhausted());
    assert!(matches!(dispatch.next(&started[0], EPOCH), Next::Go(_)));
    assert!(dispatch.is_exhausted() && dispatch.unreleased() == 0);
    let users = ShardPlan {
        load: ShardLoad::VirtualUsers {
            windows: VuSchedule::constant(2, None).windows_of_shard(0, 1),
            iterations: Some(9),
        },
        end: None,
        earliest_end: Some(0),
        max_connections: 9,
    };
    let users = Dispatch::new(users, EPOCH);
    assert!(!users.is_exhausted());
    assert_eq!(turn(&users, 0).1.len(), 2);
    assert!(users.is_exhausted());
}
