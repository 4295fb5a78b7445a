//! Names against a plain list.

#![expect(clippy::needless_range_loop, reason = "rows and columns of a table are numbers")]

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::run::{Fresh, Run};
use super::{Named, normal};
use crate::catalogue::row::ItemIx;

fn name(rng: &mut Pcg64) -> String {
    let words = [
        "petit", "prince", "nuit", "de", "la", "rouge", "noir", "été", "st", "jazz", "a", "ab", "abc", "東京",
    ];
    let count = rng.random_range(1..5);
    let list: Vec<&str> = (0..count).map(|_| words[rng.random_range(0..words.len())]).collect();
    normal(&list.join(" "))
}

fn fresh(rng: &mut Pcg64, count: u32) -> Vec<Fresh> {
    let one = |n| Fresh {
        name: name(rng),
        who: Named::Work(ItemIx(n)),
        weight: n % 97,
        rows: smallvec::SmallVec::new(),
    };
    (0..count).map(one).collect()
}

/// Optimal string alignment distance of the whole against the best beginning.
fn begun(asked: &[char], text: &[char]) -> u8 {
    let mut table = vec![vec![0u8; asked.len() + 1]; text.len() + 1];
    for (at, row) in table.iter_mut().enumerate() {
        row[0] = at as u8;
    }
    for at in 0..=asked.len() {
        table[0][at] = at as u8;
    }
    for i in 1..=text.len() {
        for j in 1..=asked.len() {
            let change = u8::from(text[i - 1] != asked[j - 1]);
            let mut best = (table[i - 1][j - 1] + change)
                .min(table[i - 1][j] + 1)
                .min(table[i][j - 1] + 1);
            if i > 1 && j > 1 && text[i - 1] == asked[j - 2] && text[i - 2] == asked[j - 1] {
                best = best.min(table[i - 2][j - 2] + 1);
            }
            table[i][j] = best;
        }
    }
    (1..=text.len())
        .map(|at| table[at][asked.len()])
        .min()
        .unwrap_or(u8::MAX)
}

/// The words of a name at which a completion may begin.
fn starts(name: &str) -> Vec<&str> {
    let mut starts = vec![name];
    for (at, _) in name.match_indices(' ') {
        let rest = &name[at + 1..];
        if !crate::text::is_stop(rest.split(' ').next().unwrap_or("")) {
            starts.push(rest);
        }
    }
    starts
}

#[test]
fn runs_and_their_merges_equal_a_plain_list() {
    for seed in 0..30 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (one, mut two) = (fresh(&mut rng, 120), fresh(&mut rng, 40));
        two.iter_mut().for_each(|name| {
            if let Named::Work(item) = name.who {
                name.who = Named::Work(ItemIx(item.0 + 1_000));
            }
        });
        // Of every other catalogue a third of the works is gone.
        let stands = |who: Named| !matches!(who, Named::Work(item) if seed % 2 == 1 && item.0.is_multiple_of(3));
        let all: Vec<Fresh> = one
            .iter()
            .chain(&two)
            .filter(|name| stands(name.who))
            .cloned()
            .collect();
        let run = Run::merged(&Run::of(one), &Run::of(two), |who, _| stands(who));
        assert_eq!(run.len(), all.len());
        for prefix in [
            "p",
            "pri",
            "nuit",
            "rouge noir",
            "a",
            "ab",
            "saint",
            "東",
            "zz",
            "petit prince",
        ] {
            let mut got: Vec<Named> = run
                .beginning(prefix, 10_000)
                .into_iter()
                .map(|found| found.who)
                .collect();
            got.sort_unstable();
            got.dedup();
            let holds = |name: &&Fresh| starts(&name.name).iter().any(|start| start.starts_with(prefix));
            let mut expected: Vec<Named> = all.iter().filter(holds).map(|name| name.who).collect();
            expected.sort_unstable();
            assert_eq!(got, expected, "seed {seed}: {prefix}");
            let weights: Vec<u32> = run.beginning(prefix, 5).iter().map(|found| found.weight).collect();
            assert!(weights.is_sorted_by(|a, b| a >= b));
        }
        for name in all.iter().take(10) {
            assert!(run.exact(&name.name).contains(&name.who));
        }
    }
}

#[test]
fn typos_equal_the_table_of_edits() {
    for seed in 0..20 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let all = fresh(&mut rng, 80);
        let run = Run::of(all.clone());
        for asked in ["prnice", "rouhe", "petti pri", "nuti", "jaxz"] {
            let letters: Vec<char> = asked.chars().collect();
            for typos in [1, 2] {
                let mut got: Vec<Named> = run
                    .beginning_nearly(asked, typos, 1_000)
                    .into_iter()
                    .map(|f| f.who)
                    .collect();
                got.sort_unstable();
                got.dedup();
                let near = |start: &&str| {
                    let text: Vec<char> = start.chars().collect();
                    text.first() == letters.first() && begun(&letters, &text) <= typos
                };
                let holds = |name: &&Fresh| starts(&name.name).iter().any(&near);
                let mut expected: Vec<Named> = all.iter().filter(holds).map(|name| name.who).collect();
                expected.sort_unstable();
                assert_eq!(got, expected, "seed {seed}: {asked} {typos}");
            }
        }
    }
}
