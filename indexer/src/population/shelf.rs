//! The offers of a catalogue by kind, category and department, the most booked first: what readers choose from.
//!
//! Invariant: a shelf without any offer has no share; what nobody offers is not booked.

use std::collections::BTreeMap;

use super::figures::Figures;
use crate::lab::random::Random;

/// The department of what is everywhere.
pub const EVERYWHERE: u16 = u16::MAX;

/// What is known of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts<'a> {
    /// `physical`, `event` or `digital`.
    pub kind: &'a str,
    /// Key of the category.
    pub category: &'a str,
    /// Index of the department, or [`EVERYWHERE`].
    pub department: u16,
    /// Bookings so far.
    pub bookings: u32,
}

/// One kind and category.
#[derive(Debug, Default)]
struct Board {
    category: String,
    event: bool,
    share: f64,
    all: Vec<(u32, u32)>,
    near: BTreeMap<u16, Vec<u32>>,
}

/// All offers.
#[derive(Debug)]
pub struct Shelf {
    boards: Vec<Board>,
    shares: Vec<f64>,
    homes: Vec<u16>,
}

impl Shelf {
    /// From every offer in the order of their numbers, and the departments that people live in, each as often as it weighs.
    pub fn new<'a>(figures: &Figures, offers: impl Iterator<Item = Facts<'a>>, homes: Vec<u16>) -> Self {
        let mut boards: Vec<Board> = Vec::new();
        let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
        for share in &figures.share {
            for (category, part) in &share.category {
                places.insert((share.kind.clone(), category.clone()), boards.len());
                boards.push(Board {
                    category: category.clone(),
                    event: share.kind == "event",
                    share: *part,
                    ..Board::default()
                });
            }
        }
        for (number, offer) in (0..).zip(offers) {
            if let Some(place) = places.get(&(offer.kind.to_owned(), offer.category.to_owned())) {
                let board = &mut boards[*place];
                board.all.push((number, offer.bookings));
                board.near.entry(offer.department).or_default().push(number);
            }
        }
        for board in &mut boards {
            sort(board);
        }
        let shares = filled(figures, &boards);
        Self { boards, shares, homes }
    }

    /// The share of bookings of each shelf.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// The shares as readers of a persona keep to them.
    pub(super) fn leaning(&self, figures: &Figures, persona: usize) -> Vec<f64> {
        let lean = |board: &Board| {
            figures.persona[persona]
                .main
                .get(&board.category)
                .copied()
                .unwrap_or(1.0)
        };
        // What is left of a category that all lean to is as published: divided by how much everybody leans to it.
        let total: f64 = figures.persona.iter().map(|one| one.share).sum();
        let usual = |board: &Board| {
            let of = |one: &super::figures::Persona| one.share * one.main.get(&board.category).copied().unwrap_or(1.0);
            figures.persona.iter().map(of).sum::<f64>() / total
        };
        let boards = self.boards.iter().zip(&self.shares);
        boards
            .map(|(board, share)| share * lean(board) / usual(board))
            .collect()
    }

    /// Whether a shelf is of showings in a cinema.
    pub(super) fn is_cinema(&self, shelf: usize) -> bool {
        self.boards[shelf].event && self.boards[shelf].category == "CINEMA"
    }

    /// Where somebody lives.
    pub(super) fn home(&self, random: &mut Random) -> u16 {
        if self.homes.is_empty() {
            EVERYWHERE
        } else {
            self.homes[random.below(self.homes.len())]
        }
    }

    /// An offer of a shelf, most often a popular one, most often near.
    pub(super) fn offer(&self, shelf: usize, department: u16, figures: &Figures, random: &mut Random) -> Option<u32> {
        let board = &self.boards[shelf];
        let stays = random.unit() < figures.near;
        let rank = |count: usize, random: &mut Random| (random.unit().powf(figures.tail) * count as f64) as usize;
        if let Some(near) = board.near.get(&department).filter(|_| stays) {
            return near.get(rank(near.len(), random)).copied();
        }
        board.all.get(rank(board.all.len(), random)).map(|(number, _)| *number)
    }
}

/// Most booked first, equal ones by number.
fn sort(board: &mut Board) {
    let bookings: BTreeMap<u32, u32> = board.all.iter().copied().collect();
    let of = |number: &u32| (std::cmp::Reverse(bookings.get(number).copied().unwrap_or(0)), *number);
    board.all.sort_by_key(|(number, _)| of(number));
    board.near.values_mut().for_each(|near| near.sort_by_key(of));
}

/// The shares of shelves that have offers; what a kind lacks goes to the rest of the kind.
fn filled(figures: &Figures, boards: &[Board]) -> Vec<f64> {
    let mut shares: Vec<f64> = boards
        .iter()
        .map(|board| if board.all.is_empty() { 0.0 } else { board.share })
        .collect();
    let mut first = 0;
    for share in &figures.share {
        let last = first + share.category.len();
        let (wanted, found): (f64, f64) = (share.category.values().sum(), shares[first..last].iter().sum());
        if found > 0.0 {
            shares[first..last].iter_mut().for_each(|part| *part *= wanted / found);
        }
        first = last;
    }
    shares
}
