//! Prints how fast the generator is and what it makes: `cargo run --release -p florilege-engine --example generate
//! -- 1000000`; with a second argument, that many lines of it, spread over the whole.
//!
//! It stands beside the main path, for measuring. Invariant: it only reads what the library gives to all.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use florilege_engine::change::Change;
use florilege_engine::generate::{InvalidPlan, Plan};
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;

fn main() -> Result<(), InvalidPlan> {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<usize>().ok());
    let offers = arguments.next().unwrap_or(1_000_000);
    let shown = arguments.next().unwrap_or(0);
    let generator = Plan {
        offers,
        venues: None,
        seed: 1,
        now: Moment::from_millis(1_790_000_000_000),
    }
    .check()?;
    let start = Instant::now();
    let made = generator.changes().count();
    println!("{made} changes in {:?}", start.elapsed());
    let start = Instant::now();
    let bytes: usize = generator.changes().map(|change| change.to_line().len() + 1).sum();
    println!("{bytes} bytes as lines in {:?}", start.elapsed());
    describe(generator.changes());
    let step = (made / shown.max(1)).max(1);
    generator
        .changes()
        .step_by(step)
        .take(shown)
        .for_each(|change| println!("{}", change.to_line()));
    Ok(())
}

fn describe(changes: impl Iterator<Item = Change>) {
    let taxonomy = Taxonomy::built_in();
    let mut items = HashSet::new();
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for change in changes {
        let Change::OfferUpsert(offer) = change else { continue };
        if let Some(ix) = taxonomy.find(&offer.subcategory) {
            let category = &taxonomy.category(taxonomy.subcategory(ix).category).key;
            let count = counts.entry(category).or_default();
            *count = (count.0 + 1, count.1 + u64::from(offer.popularity.bookings_28d));
        }
        items.insert(offer.item());
    }
    let total = counts
        .values()
        .fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    println!("{} offers of {} items, {} bookings", total.0, items.len(), total.1);
    for (category, (offers, bookings)) in counts {
        let share = |part: u64, all: u64| part as f64 * 100.0 / all.max(1) as f64;
        println!(
            "{category:20} {:5.1} % of offers {:5.1} % of bookings",
            share(offers, total.0),
            share(bookings, total.1)
        );
    }
}
