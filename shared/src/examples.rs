//! The first failures of each class, with details.
//!
//! Counts show how often something failed; an example shows what failed. The earliest examples are kept, so
//! merging yields the same result in any order.

use crate::limits::ERROR_EXAMPLES_PER_CLASS;
use crate::outcome::ErrorClass;
use crate::sample::ErrorDetail;
use crate::units::Nanos;

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorExample {
    /// Time of the failure, since the run's epoch.
    pub at: Nanos,
    /// The shard it occurred on.
    pub shard: usize,
    /// The error class.
    pub class: ErrorClass,
    /// The error reported by the system or the engine.
    pub detail: ErrorDetail,
}

/// The earliest failures of each class, at most [`ERROR_EXAMPLES_PER_CLASS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorExamples {
    /// Ordered by class, then by time.
    kept: Vec<ErrorExample>,
}

impl ErrorExamples {
    /// Returns whether a failure of `class` that is later than all kept ones would be kept.
    #[must_use]
    pub fn has_room(&self, class: ErrorClass) -> bool {
        self.of(class).count() < ERROR_EXAMPLES_PER_CLASS
    }

    /// Keeps an example if it is among the earliest of its class.
    pub fn add(&mut self, example: ErrorExample) {
        let class = example.class;
        let at = self
            .kept
            .partition_point(|kept| order(kept) <= order(&example));
        self.kept.insert(at, example);
        if self.of(class).count() > ERROR_EXAMPLES_PER_CLASS {
            let last = self.kept.iter().rposition(|kept| kept.class == class);
            self.kept.remove(last.expect("one was just added"));
        }
    }

    /// Keeps the earliest examples of both.
    pub fn merge(&mut self, other: &Self) {
        other
            .kept
            .iter()
            .for_each(|example| self.add(example.clone()));
    }

    /// Removes all examples and keeps the allocation.
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// Returns the examples ordered by class, then by time.
    pub fn iter(&self) -> impl Iterator<Item = &ErrorExample> {
        self.kept.iter()
    }

    fn of(&self, class: ErrorClass) -> impl Iterator<Item = &ErrorExample> {
        self.kept.iter().filter(move |kept| kept.class == class)
    }
}

fn order(example: &ErrorExample) -> (usize, Nanos, usize) {
    (example.class.index(), example.at, example.shard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn example(at: Nanos, class: ErrorClass) -> ErrorExample {
        ErrorExample {
            at,
            shard: 0,
            class,
            detail: ErrorDetail::Os(104),
        }
    }

    fn examples(times: &[Nanos]) -> ErrorExamples {
        let mut examples = ErrorExamples::default();
        for &at in times {
            let class = ErrorClass::ALL[at as usize % 3];
            examples.add(example(at, class));
        }
        examples
    }

    #[test]
    fn the_earliest_of_each_class_are_kept() {
        let mut kept = ErrorExamples::default();
        for at in [9, 3, 8, 1, 7, 2, 6] {
            kept.add(example(at, ErrorClass::Protocol));
        }
        kept.add(example(100, ErrorClass::Resolve));
        let times: Vec<Nanos> = kept.iter().map(|kept| kept.at).collect();
        assert_eq!(times, [100, 1, 2, 3, 6, 7]);
        assert!(!kept.has_room(ErrorClass::Protocol) && kept.has_room(ErrorClass::Resolve));
    }

    proptest! {
        #[test]
        fn merging_in_any_order_keeps_the_same(
            a in prop::collection::vec(0u64..500, 0..30),
            b in prop::collection::vec(0u64..500, 0..30),
        ) {
            let whole = examples(&[a.clone(), b.clone()].concat());
            let (mut one_way, mut other_way) = (examples(&a), examples(&b));
            one_way.merge(&examples(&b));
            other_way.merge(&examples(&a));
            prop_assert_eq!(&one_way, &other_way);
            prop_assert_eq!(&one_way, &whole);
        }
    }
}
