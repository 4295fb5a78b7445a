//! Towns: what the addresses of venues say.
//!
//! Kept live by [`super::Names`]. Invariant: a town lists exactly the venues whose document names it now; two towns of
//! one name in two departments are two.

use std::sync::Arc;

use super::normal;
use crate::catalogue::Catalogue;
use crate::catalogue::chunked::Chunked;
use crate::catalogue::row::VenueIx;
use crate::geo::{Metres, Position};
use crate::venue::Venue;

/// Venues of a town that are looked at to say where it is.
const LOOKED_AT: usize = 500;

/// The number of a town.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TownIx(pub u32);

/// A town.
#[derive(Debug, Clone)]
pub struct Town {
    /// Its name, as one of its venues writes it.
    pub name: String,
    /// Its department, or the first two digits of its postal code.
    pub department: String,
    /// Its venues.
    pub venues: Vec<VenueIx>,
}

/// Every town.
#[derive(Debug, Clone, Default)]
pub(super) struct Towns {
    by_key: imbl::OrdMap<(String, String), TownIx>,
    table: Chunked<Arc<Town>>,
}

fn key(venue: &Venue) -> Option<(String, String)> {
    let city = normal(venue.city.as_deref()?);
    let code = venue.postal_code.as_deref().and_then(|code| code.get(..2));
    let department = venue.department.as_deref().or(code).unwrap_or("");
    (!city.is_empty()).then(|| (city, department.to_owned()))
}

impl Towns {
    pub(super) fn get(&self, town: TownIx) -> Option<&Town> {
        self.table.get(town.0 as usize).map(|town| &**town)
    }

    pub(super) fn leave(&mut self, venue: &Venue, ix: VenueIx) {
        let Some(town) = key(venue).and_then(|key| self.by_key.get(&key).copied()) else {
            return;
        };
        if let Some(town) = self.table.get_mut(town.0 as usize) {
            Arc::make_mut(town).venues.retain(|other| *other != ix);
        }
    }

    /// The town's name as it is looked up, its number, and how many venues it has.
    pub(super) fn enter(&mut self, venue: &Venue, ix: VenueIx) -> Option<(String, TownIx, u32)> {
        let key = key(venue)?;
        let number = match self.by_key.get(&key) {
            Some(number) => *number,
            None => {
                let town = Town {
                    name: venue.city.clone().unwrap_or_default(),
                    department: key.1.clone(),
                    venues: Vec::new(),
                };
                let number = TownIx(u32::try_from(self.table.push(Arc::new(town))).unwrap_or(u32::MAX));
                self.by_key.insert(key.clone(), number);
                number
            }
        };
        let town = Arc::make_mut(self.table.get_mut(number.0 as usize)?);
        if !town.venues.contains(&ix) {
            town.venues.push(ix);
        }
        Some((key.0, number, u32::try_from(town.venues.len()).unwrap_or(u32::MAX)))
    }
}

impl Town {
    /// Where its venues that have a position stand: the middle, and how far nine in ten of them are from it.
    pub fn extent(&self, catalogue: &Catalogue) -> Option<(Position, Metres)> {
        let venues = self
            .venues
            .iter()
            .take(LOOKED_AT)
            .filter_map(|venue| catalogue.venue(*venue));
        let places: Vec<Position> = venues
            .filter_map(|venue| catalogue.places().get(venue.place?))
            .map(|place| place.position)
            .collect();
        let middle = |of: fn(Position) -> f64| {
            let mut values: Vec<f64> = places.iter().map(|place| of(*place)).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        let centre = Position::new(middle(Position::lat)?, middle(Position::lng)?).ok()?;
        let mut far: Vec<f64> = places.iter().map(|place| centre.distance(*place).0).collect();
        far.sort_by(f64::total_cmp);
        Some((centre, Metres(far.get(far.len() * 9 / 10).copied().unwrap_or(0.0))))
    }

    /// How many offers its venues have.
    pub fn offers(&self, catalogue: &Catalogue) -> usize {
        let venues = self.venues.iter().filter_map(|venue| catalogue.venue(*venue));
        venues.map(|venue| venue.rows.len()).sum()
    }
}
