//! How far the serving state is behind the log, in time.
//!
//! The applier notes where the log ends and where the state stands; `/health/ready` and `/metrics` read it. Invariant:
//! the lag is the age of the oldest mark not yet reached, so a state that follows a busy log closely has a small one.

use florilege_engine::change::Sequence;
use std::time::Duration;
use tokio::time::Instant;

/// A place of the log that the state has not reached, and since when it is known.
#[derive(Debug, Default)]
pub(super) struct Lag(Option<(Sequence, Instant)>);

impl Lag {
    /// Notes at some moment where the state stands and where the log ends.
    pub(super) fn note(&mut self, applied: Sequence, last: Sequence, now: Instant) {
        if self.0.is_some_and(|(mark, _)| applied < mark) {
            return;
        }
        self.0 = (applied < last).then_some((last, now));
    }

    /// The lag of a state that stands here now; nothing when it has reached all that was noted.
    pub(super) fn of(&self, applied: Sequence, now: Instant) -> Option<Duration> {
        self.0
            .filter(|(mark, _)| applied < *mark)
            .map(|(_, since)| now.duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_log_followed_closely_is_no_lag() {
        let (start, mut lag) = (Instant::now(), Lag::default());
        // A thousand seconds in which the state is always one batch behind a log that always grows.
        for second in 0..1_000 {
            let now = start + Duration::from_secs(second);
            lag.note(Sequence(second * 10), Sequence(second * 10 + 10), now);
            let late = lag.of(Sequence(second * 10), now).expect("a batch behind");
            assert!(late <= Duration::from_secs(1), "{late:?}");
        }
    }

    #[test]
    fn a_state_that_stands_still_is_ever_later() {
        let (start, mut lag) = (Instant::now(), Lag::default());
        for second in 0..60 {
            lag.note(Sequence(5), Sequence(6 + second), start + Duration::from_secs(second));
        }
        let now = start + Duration::from_secs(60);
        assert_eq!(lag.of(Sequence(5), now), Some(Duration::from_secs(60)));
        assert_eq!(lag.of(Sequence(6), now), None, "the oldest mark is reached");
        lag.note(Sequence(65), Sequence(65), now);
        assert_eq!(lag.of(Sequence(65), now), None);
    }
}
