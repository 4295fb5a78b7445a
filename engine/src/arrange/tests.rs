//! Tests of the arrangement: against exhaustive search, by property, and by worked examples.

mod exact;
mod larger;
mod line;
mod oracle;
mod pages;
mod shapes;
mod soft;
