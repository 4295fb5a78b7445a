//! Rate limits: how many calls a key may make, as a bucket that refills.
//!
//! Asked by the gate before a handler runs. Invariants: a bucket holds one second of calls, so a burst is bounded; a
//! refused call costs nothing; memory is bounded by the number of keys.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The buckets of all keys.
#[derive(Debug)]
pub(crate) struct Rates {
    /// Calls a second; 0 is no limit.
    per_second: AtomicU32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Rates {
    /// So many calls a second for each key; 0 is no limit.
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            per_second: AtomicU32::new(per_second),
            buckets: Mutex::default(),
        }
    }

    /// So many from now on. Buckets keep what they hold, up to the new rate.
    pub(super) fn set(&self, per_second: u32) {
        self.per_second.store(per_second, Ordering::Release);
    }

    /// Takes one call of a key, or says after how long to come back.
    pub(crate) fn take(&self, key: &str, now: Instant) -> Result<(), Duration> {
        let rate = match self.per_second.load(Ordering::Acquire) {
            0 => return Ok(()),
            limit => f64::from(limit),
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Bucket { left: rate, at: now };
        let bucket = match buckets.get_mut(key) {
            Some(bucket) => bucket,
            None => buckets.entry(key.to_owned()).or_insert(full),
        };
        let refilled = bucket.left + rate * now.saturating_duration_since(bucket.at).as_secs_f64();
        *bucket = Bucket {
            left: refilled.min(rate),
            at: now.max(bucket.at),
        };
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / rate));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rates: &Rates, key: &str, at: Instant, calls: usize) -> usize {
        (0..calls).filter(|_| rates.take(key, at).is_ok()).count()
    }

    #[test]
    fn a_burst_is_one_second_and_then_it_refills() {
        let (rates, start) = (Rates::new(10), Instant::now());
        assert_eq!(taken(&rates, "a", start, 50), 10);
        let back = rates.take("a", start).expect_err("empty");
        assert!((back.as_secs_f64() - 0.1).abs() < 1e-6, "{back:?}");
        assert_eq!(taken(&rates, "b", start, 50), 10, "each key has its own");
        assert_eq!(taken(&rates, "a", start + Duration::from_millis(350), 50), 3);
        assert_eq!(
            taken(&rates, "a", start + Duration::from_secs(3_600), 50),
            10,
            "it never holds more"
        );
        assert_eq!(
            taken(&rates, "a", start, 50),
            0,
            "a clock cannot be turned back to refill it"
        );
    }

    #[test]
    fn a_steady_rate_gets_through_whole() {
        let (rates, start) = (Rates::new(100), Instant::now());
        let calls = (0..5_000).filter(|n| rates.take("a", start + Duration::from_millis(n * 10)).is_ok());
        assert_eq!(calls.count(), 5_000);
    }

    #[test]
    fn another_rate_holds_at_once() {
        let (rates, start) = (Rates::new(100), Instant::now());
        assert_eq!(taken(&rates, "a", start, 20), 20);
        rates.set(5);
        assert_eq!(
            taken(&rates, "a", start, 50),
            5,
            "never more than one second of the new rate"
        );
        rates.set(0);
        assert_eq!(taken(&rates, "a", start, 1_000), 1_000);
    }

    #[test]
    fn no_limit_counts_nothing() {
        let rates = Rates::new(0);
        assert_eq!(taken(&rates, "a", Instant::now(), 1_000), 1_000);
        assert!(rates.buckets.lock().expect("not poisoned").is_empty());
    }
}
