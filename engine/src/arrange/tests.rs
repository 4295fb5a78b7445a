//! Tests of the arrangement: against exhaustive search, by property, and by worked examples.

mod exact;
mod line;
mod oracle;
mod soft;
