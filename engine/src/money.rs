//! Money: whole euro cents, never a float.
//!
//! Prices and credit come in as `*_cents`. Invariant: an amount is between 0 and [`Cents::MAX`].

use serde::{Deserialize, Serialize};

/// An amount in euro cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(try_from = "i64", into = "i64")]
pub struct Cents(u32);

/// An amount that is negative or beyond [`Cents::MAX`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an amount is between 0 and {max} cents, not {0}", max = Cents::MAX.get())]
pub struct InvalidCents(i64);

impl Cents {
    /// Nothing to pay.
    pub const ZERO: Self = Self(0);
    /// Ten million euros: past any price of a cultural offer.
    pub const MAX: Self = Self(1_000_000_000);

    /// The checked amount.
    pub fn new(cents: i64) -> Result<Self, InvalidCents> {
        match u32::try_from(cents) {
            Ok(value) if value <= Self::MAX.0 => Ok(Self(value)),
            Ok(_) | Err(_) => Err(InvalidCents(cents)),
        }
    }

    /// The number of cents.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Twice the amount, for two seats; at most [`Cents::MAX`].
    pub fn doubled(self) -> Self {
        Self((self.0 * 2).min(Self::MAX.0))
    }
}

impl TryFrom<i64> for Cents {
    type Error = InvalidCents;
    fn try_from(cents: i64) -> Result<Self, InvalidCents> {
        Self::new(cents)
    }
}

impl From<Cents> for i64 {
    fn from(amount: Cents) -> Self {
        Self::from(amount.0)
    }
}
