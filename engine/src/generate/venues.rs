//! Venues: the n-th believable place, made of the seed and n alone.
//!
//! Half of each kind go round the towns in turn, so that the Creuse has its library; the other half go where people
//! live. Invariant: [`town_of`] agrees with the venue that [`venue`] makes.

use super::draw::{Draw, Stream, mix, stride};
use super::facts::Facts;
use super::towns::{HOME_ZONE, Town};
use super::words::Fill;
use super::works::Work;
use crate::geo::Position;
use crate::ids::VenueId;
use crate::offer::Accessibility;
use crate::venue::Venue;

const STREETS: [&str; 16] = [
    "rue de la République",
    "place de la Mairie",
    "rue Victor-Hugo",
    "avenue Jean-Jaurès",
    "rue du Marché",
    "place de l'Église",
    "rue de la Gare",
    "avenue de la Libération",
    "rue des Écoles",
    "quai du Port",
    "boulevard Gambetta",
    "rue Pasteur",
    "rue Émile-Zola",
    "place du Théâtre",
    "rue des Tilleuls",
    "rue Louise-Michel",
];

/// Where a venue stands, and whether it is the first of its kind there.
#[derive(Debug, Clone, Copy)]
struct Place {
    town: usize,
    first: bool,
}

/// The identifier of a venue.
pub(super) fn id(number: u64) -> String {
    format!("venue-{number}")
}

/// The town of a venue; none online.
pub(super) fn town_of(facts: &Facts, seed: u64, number: u64) -> Option<usize> {
    let (kind, before) = facts.kind_of(number);
    let mut draw = Draw::new(seed, Stream::Venue, number);
    place(facts, seed, kind, before, &mut draw).map(|place| place.town)
}

/// The n-th venue; `None` if an identifier or a position could not be, which the tests exclude.
pub(super) fn venue(facts: &Facts, seed: u64, number: u64) -> Option<Venue> {
    let (kind, before) = facts.kind_of(number);
    let mut draw = Draw::new(seed, Stream::Venue, number);
    match place(facts, seed, kind, before, &mut draw) {
        Some(place) => in_town(facts, kind, place, number, &mut draw),
        None => online(facts, kind, before, number),
    }
}

fn place(facts: &Facts, seed: u64, kind: usize, before: u64, draw: &mut Draw) -> Option<Place> {
    let entry = &facts.kinds[kind];
    if entry.online {
        return None;
    }
    let towns = facts.towns.with_at_least(entry.min_inhabitants);
    if before % 2 == 1 {
        let town = facts.towns.drawn(draw, towns);
        return Some(Place { town, first: false });
    }
    let (count, turn) = (towns as u64, before / 2);
    let start = mix(seed ^ kind as u64) % count;
    Some(Place {
        town: ((start + turn % count * stride(count)) % count) as usize,
        first: turn < count,
    })
}

fn in_town(facts: &Facts, kind: usize, place: Place, number: u64, draw: &mut Draw) -> Option<Venue> {
    let (entry, town) = (&facts.kinds[kind], &facts.towns.all[place.town]);
    let department = facts.towns.department(place.town);
    let name = if place.first {
        named(&entry.first, town.name)
    } else {
        format!("{}, {}", draw.pick(&entry.names), town.name)
    };
    Some(Venue {
        kind: Some(entry.label.clone()),
        position: Some(near(town, draw)?),
        address: draw
            .chance(800)
            .then(|| format!("{} {}", draw.between(1, 90), draw.pick(&STREETS))),
        city: Some(town.name.into()),
        postal_code: Some(postal_code(town, draw)),
        department: Some(department.code.into()),
        territories: vec![department.code.into(), department.region.into()],
        labels: labels(draw),
        accessibility: accessibility(draw, 550),
        time_zone: Some(department.zone.into()),
        ..bare(number, name)?
    })
}

fn online(facts: &Facts, kind: usize, before: u64, number: u64) -> Option<Venue> {
    let entry = &facts.kinds[kind];
    // Regions in turn; the collectivities overseas come with them.
    let region = facts.towns.departments[(before * 37 % facts.towns.departments.len() as u64) as usize].region;
    let turn = before / facts.towns.departments.len() as u64;
    let template = match turn {
        0 => &entry.first,
        _ => &entry.names[(turn - 1) as usize % entry.names.len()],
    };
    Some(Venue {
        kind: Some(entry.label.clone()),
        time_zone: Some(HOME_ZONE.into()),
        ..bare(number, template.replace("{region}", region))?
    })
}

fn bare(number: u64, name: String) -> Option<Venue> {
    Some(Venue {
        id: VenueId::new(&id(number)).ok()?,
        name,
        kind: None,
        position: None,
        address: None,
        city: None,
        postal_code: None,
        department: None,
        territories: Vec::new(),
        labels: Vec::new(),
        accessibility: Accessibility::default(),
        time_zone: None,
        opening_hours: None,
        attributes: serde_json::Map::new(),
    })
}

fn named(template: &str, town: &str) -> String {
    let work = Work::default();
    Fill { work: &work, town }.render(template)
}

/// A point in the town: nearer the middle more often, and farther out where more people live.
pub(super) fn near(town: &Town, draw: &mut Draw) -> Option<Position> {
    let reach = match town.inhabitants {
        0..10_000 => 700,
        10_000..50_000 => 1_500,
        50_000..500_000 => 3_000,
        _ => 5_000,
    };
    let mut offset = || (draw.between(-reach, reach) + draw.between(-reach, reach)) / 2;
    let (lat, lng) = (town.lat_e5 + offset(), town.lng_e5 + offset());
    Position::new(lat as f64 / 1e5, lng as f64 / 1e5).ok()
}

/// The postal code; the three cities of districts have one for each.
fn postal_code(town: &Town, draw: &mut Draw) -> String {
    let districts = match town.name {
        "Paris" => 20,
        "Marseille" => 16,
        "Lyon" => 9,
        _ => return town.postal_code.into(),
    };
    format!("{}{:02}", &town.postal_code[..3], draw.between(1, districts))
}

fn labels(draw: &mut Draw) -> Vec<String> {
    if draw.chance(40) {
        vec![(*draw.pick(&["labelled", "virtuous", "local"])).into()]
    } else {
        Vec::new()
    }
}

/// What a place or an offer is accessible for, motor in so many cases of a thousand, the rest more rarely.
pub(super) fn accessibility(draw: &mut Draw, motor: u32) -> Accessibility {
    Accessibility {
        audio: draw.chance(motor / 3),
        mental: draw.chance(motor / 4),
        motor: draw.chance(motor),
        visual: draw.chance(motor / 5),
    }
}
