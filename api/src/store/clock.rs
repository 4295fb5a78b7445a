//! The store's clock: the only place of the store that asks what time it is.
//!
//! Used for times that are told, never for order: the order is the log's. Invariant: times in the log never go
//! back, even when the machine's clock does (see `writer`).

use jiff::Timestamp;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the store stands at the edge, where time comes from"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Now, in milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    now().as_millisecond()
}

/// How far the machine's clock stands before a time of the log; the log's times do not follow it back.
pub(super) fn back_ms(last: i64) -> u64 {
    u64::try_from(last.saturating_sub(now_ms())).unwrap_or(0)
}

/// The time of a column.
pub(super) fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
