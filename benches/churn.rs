//! Memory over millions of changes: a catalogue of a fixed size whose offers are replaced, sold out and priced anew.
//!
//! `cargo bench -p florilege-benches --bench churn -- --offers 100000 --changes 3000000`. Invariant: the number of
//! live offers never changes, so what grows is a creep.

use std::error::Error;
use std::time::Instant;

use clap::Parser;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::generate::{Generator, Plan};
use florilege_engine::live::Engine;
use florilege_engine::offer::StockPatch;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;

/// That of the serving program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Changes of one batch, as the applier takes them under load.
const BATCH: u64 = 1_000;
/// One change in so many replaces an offer by a new one; the others are of stock and price.
const REPLACES: u64 = 5;

/// Replaces, sells out and prices offers for a long time.
#[derive(Debug, Parser)]
struct Arguments {
    /// Live offers.
    #[arg(long, default_value_t = 100_000)]
    offers: u64,
    /// Changes in all.
    #[arg(long, default_value_t = 3_000_000)]
    changes: u64,
    /// Given by `cargo bench`; means nothing.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let engine = Engine::in_memory(Taxonomy::built_in().into())?;
    let plan = Plan {
        offers: usize::try_from(arguments.offers + arguments.changes / REPLACES + 1)?,
        venues: Some(usize::try_from(arguments.offers / 20 + 100)?),
        seed: 7,
        now: Moment::from_millis(1_790_000_000_000),
    };
    let source = plan.check()?;
    let mut churn = Churn {
        engine: &engine,
        source: &source,
        oldest: 0,
        newest: 0,
        sequence: 0,
    };
    churn.fill(arguments.offers)?;
    println!("| changes | live offers | rows | rows of text | words | memory | changes/s |");
    println!("|---|---|---|---|---|---|---|");
    churn.tell(0, 0.0);
    for tenth in 1..=10 {
        let started = Instant::now();
        for _ in 0..arguments.changes / 10 / BATCH {
            churn.batch()?;
        }
        let rate = (arguments.changes / 10) as f64 / started.elapsed().as_secs_f64();
        churn.tell(arguments.changes * tenth / 10, rate);
    }
    Ok(())
}

struct Churn<'a> {
    engine: &'a Engine,
    source: &'a Generator,
    /// The oldest live offer, by its number; all up to the newest are live.
    oldest: u64,
    newest: u64,
    sequence: u64,
}

impl Churn<'_> {
    fn fill(&mut self, offers: u64) -> Result<(), Box<dyn Error>> {
        let venues = (0..)
            .map_while(|number| self.source.venue(number))
            .map(|venue| Change::VenueUpsert(Box::new(venue)));
        let venues: Vec<Change> = venues.collect();
        self.apply(venues)?;
        while self.newest < offers {
            let until = (self.newest + 10 * BATCH).min(offers);
            let batch = (self.newest..until).filter_map(|number| self.offer(number)).collect();
            self.newest = until;
            self.apply(batch)?;
        }
        Ok(())
    }

    fn offer(&self, number: u64) -> Option<Change> {
        self.source
            .offer(number)
            .map(|offer| Change::OfferUpsert(Box::new(offer)))
    }

    fn batch(&mut self) -> Result<(), Box<dyn Error>> {
        let mut batch = Vec::new();
        for number in 0..BATCH {
            if number % REPLACES == 0 {
                if let Some(gone) = self.source.offer(self.oldest) {
                    batch.push(Change::OfferDelete(gone.id));
                }
                batch.extend(self.offer(self.newest));
                (self.oldest, self.newest) = (self.oldest + 1, self.newest + 1);
                continue;
            }
            let place = self.oldest + (self.sequence + number * 7_919) % (self.newest - self.oldest);
            if let Some(offer) = self.source.offer(place) {
                let patch = format!(r#"{{"stock":{},"price_cents":{}}}"#, number % 9, number * 3 % 5_000);
                batch.push(Change::OfferStock(
                    offer.id,
                    serde_json::from_str::<StockPatch>(&patch)?,
                ));
            }
        }
        self.apply(batch)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<(), Box<dyn Error>> {
        let numbered = (self.sequence + 1..).map(Sequence).zip(changes.into_iter().map(Some));
        let batch: Vec<_> = numbered.collect();
        self.sequence += batch.len() as u64;
        self.engine.apply(&batch)?;
        Ok(())
    }

    fn tell(&self, changes: u64, rate: f64) {
        let generation = self.engine.generation();
        let (live, rows) = (generation.counts().offers, generation.catalogue().row_bound());
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages: u64 = statm.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
        println!(
            "| {changes} | {live} | {rows} | {} | {} | {} MiB | {rate:.0} |",
            generation.text().rows(),
            generation.catalogue().words().len(),
            pages * 4 / 1_024
        );
    }
}
