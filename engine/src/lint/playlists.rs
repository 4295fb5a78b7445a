//! Playlists looked over: picks that cannot stand, fixed places that break a rule, and readers who would see too few.
//!
//! Invariant: what is said of a pick or of a reader is what serving would do at this moment.

use std::collections::BTreeMap;

use super::{nobody, over, warning};
use crate::arrange::{Attribute, Pin, Problem, Rule, Values, solve};
use crate::catalogue::row::OfferRow;
use crate::catalogue::{Catalogue, VenueRow};
use crate::editorial::lint::Message;
use crate::editorial::playlist::Pick;
use crate::editorial::visitor::{is_of, stands_in};
use crate::editorial::{Playlist, Published};
use crate::geo::Position;
use crate::ids::{DocumentId, UserId};
use crate::live::Generation;
use crate::money::Cents;
use crate::playlist::{self, PlaylistRequest};
use crate::query::{Context, RuleBy};
use crate::time::Moment;

/// Readers whose eyes a draft is seen with: age, and credit in cents.
const READERS: [(u8, u32); 4] = [(15, 0), (16, 0), (17, 5_000), (18, 15_000)];

/// So many times a draft is looked at, by a reader from a place.
const MOST_LOOKS: usize = 600;

/// So many of the territories that see too few are named in a message.
const NAMED: usize = 8;

/// What the catalogue says of a playlist that passed its check.
pub(super) fn resolved(generation: &Generation, body: Playlist, now: Moment) -> Vec<Message> {
    let mut messages = nobody(generation, &body.audience, "/audience");
    messages.extend(over(body.schedule.to, now));
    messages.extend(picks(generation, &body, now));
    messages.extend(pins(generation, &body));
    let draft = Published {
        id: body.id.clone(),
        version: 0,
        territory: body.territory.clone(),
        body,
    };
    messages.extend(too_few(generation, &draft, now));
    messages
}

fn offers<'a>(generation: &'a Generation, pick: &Pick) -> Vec<&'a OfferRow> {
    let catalogue = generation.catalogue();
    if let Some(offer) = &pick.offer_id {
        return catalogue
            .find(offer.as_str())
            .and_then(|row| catalogue.offer(row))
            .into_iter()
            .collect();
    }
    let item = pick
        .item_id
        .as_ref()
        .and_then(|id| catalogue.item(catalogue.find_item(id.as_str())?));
    let rows = item.iter().flat_map(|item| item.rows.iter());
    rows.filter_map(|row| catalogue.offer(*row)).collect()
}

fn picks(generation: &Generation, body: &Playlist, now: Moment) -> Vec<Message> {
    let catalogue = generation.catalogue();
    let mut messages = Vec::new();
    for (place, pick) in body.picks.iter().enumerate() {
        let (pointer, id) = (format!("/picks/{place}"), pick.id());
        let offers = offers(generation, pick);
        let here = |offer: &&&OfferRow| {
            body.territory
                .as_ref()
                .is_none_or(|there| stands_in(catalogue, offer, there))
        };
        let local: Vec<&OfferRow> = offers.iter().filter(here).copied().collect();
        let past = |offer: &&OfferRow| !offer.dates.is_empty() && offer.next_date(now.millis()).is_none();
        let (code, message, mend) = if offers.is_empty() {
            (
                "unknown_pick",
                format!("{id} is not in the catalogue"),
                "mend the identifier, or remove the pick",
            )
        } else if local.is_empty() {
            (
                "outside_territory",
                format!("{id} does not stand in this territory"),
                "remove the pick: it will not be shown",
            )
        } else if local.iter().all(past) {
            (
                "expired_pick",
                format!("every date of {id} is past"),
                "remove the pick, or pick another date",
            )
        } else if !local
            .iter()
            .any(|offer| offer.is_bookable(now.millis()) && offer.is_offered())
        {
            (
                "sold_out_pick",
                format!("{id} cannot be booked now"),
                "remove the pick, or wait: it gives its place up meanwhile",
            )
        } else {
            continue;
        };
        messages.push(warning(pointer, code, message, mend));
    }
    messages
}

/// Fixed places that the strict rules of the document leave no room for: the arranger's verdict.
fn pins(generation: &Generation, body: &Playlist) -> Vec<Message> {
    let rules = body.diversity.as_ref().and_then(|diversity| diversity.rules.as_ref());
    let manual = body.order() == crate::editorial::playlist::PlaylistOrder::Manual;
    let fixed: Vec<(usize, usize, &OfferRow)> = body
        .picks
        .iter()
        .enumerate()
        .filter_map(|(place, pick)| {
            let rank = pick.rank.or_else(|| manual.then_some(place))?;
            Some((place, rank, *offers(generation, pick).first()?))
        })
        .collect();
    let mut messages = Vec::new();
    for (at, rule) in rules
        .iter()
        .flat_map(|rules| rules.iter())
        .enumerate()
        .filter(|(_, rule)| rule.strict)
    {
        let Some(broken) = broken(&fixed, rule) else { continue };
        let message = format!(
            "the picks at these places break rule {at} ({}): the list would end before",
            crate::pipeline::attributes::name(rule.by)
        );
        messages.push(warning(
            format!("/picks/{broken}/rank"),
            "pins_break_rule",
            message,
            "move the pick, or let the rule give way (strict: false)",
        ));
    }
    messages
}

/// The first pick that cannot stand where it must under one rule.
fn broken(fixed: &[(usize, usize, &OfferRow)], rule: &crate::query::RuleRequest) -> Option<usize> {
    let values = |offer: &OfferRow| -> Values {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        match rule.by {
            RuleBy::Category => Values::from_slice(&[number(offer.category.index())]),
            RuleBy::Subcategory => Values::from_slice(&[number(offer.subcategory.index())]),
            RuleBy::SearchGroup => offer
                .search_group
                .map(|group| number(group.index()))
                .into_iter()
                .collect(),
            RuleBy::Kind => Values::from_slice(&[offer.kind as u32]),
            RuleBy::Venue => offer.venue.map(|venue| venue.0).into_iter().collect(),
            RuleBy::Creator => offer.creators.iter().map(|word| word.0).collect(),
            RuleBy::Genre => offer.genres.iter().map(|word| word.0).collect(),
            RuleBy::Item => Values::from_slice(&[offer.item.0]),
        }
    };
    let last = fixed.iter().map(|(_, rank, _)| *rank).max()?;
    let k = last + 1;
    // Others of no value at all fill the places between: only the picks themselves can break the rule.
    let mut all: Vec<Values> = fixed.iter().map(|(_, _, offer)| values(offer)).collect();
    all.resize(fixed.len() + k, Values::new());
    let pins = fixed
        .iter()
        .zip(0u32..)
        .map(|((_, rank, _), candidate)| Pin { candidate, rank: *rank });
    let problem = Problem {
        scores: vec![1.0; all.len()],
        attributes: vec![Attribute {
            by: crate::pipeline::attributes::name(rule.by).into(),
            values: all,
        }],
        k,
        rules: vec![Rule {
            attribute: 0,
            window: rule.window,
            max: rule.max,
            strict: true,
        }],
        pins: pins.collect(),
        ..Problem::default()
    };
    let slate = solve(&problem.check().ok()?);
    let unmet = slate.shortfall?.pins.into_iter().min()?;
    fixed.get(unmet).map(|(place, _, _)| *place)
}

/// A place that a draft is looked at from.
struct Stand {
    name: String,
    position: Position,
}

/// A reader of the audience, as a draft is seen by.
struct Reader<'b> {
    age: u8,
    credit: u32,
    persona: Option<&'b DocumentId>,
}

impl Reader<'_> {
    fn described(&self) -> String {
        let of = self.persona.map_or(String::new(), |persona| format!(" ({persona})"));
        format!("a reader of {}{of} with {} euros", self.age, self.credit / 100)
    }

    fn context(&self, stand: Option<&Stand>) -> Context {
        Context {
            age: Some(self.age),
            credit_cents: Cents::new(i64::from(self.credit)).ok(),
            position: stand.map(|stand| stand.position),
            persona: self.persona.iter().map(|persona| (persona.to_string(), 1.0)).collect(),
            ..Context::default()
        }
    }
}

/// Everyone whom the audience names: each age that the programme knows, of each of its personas that stand.
fn readers<'b>(generation: &Generation, body: &'b Playlist) -> Vec<Reader<'b>> {
    let known = |persona: &&DocumentId| generation.catalogue().personas().find(persona.as_str()).is_some();
    let personas = one_or_each(body.audience.personas.iter().filter(known));
    let ages = READERS
        .iter()
        .filter(|(age, _)| body.audience.ages.includes(Some(*age)));
    let each = ages.flat_map(|(age, credit)| {
        let of = |persona: &Option<&'b DocumentId>| Reader {
            age: *age,
            credit: *credit,
            persona: *persona,
        };
        personas.iter().map(of)
    });
    each.collect()
}

/// Each of these; nobody in particular where there are none.
fn one_or_each<T>(each: impl Iterator<Item = T>) -> Vec<Option<T>> {
    let mut all: Vec<Option<T>> = each.map(Some).collect();
    if all.is_empty() {
        all.push(None);
    }
    all
}

/// Where the draft is looked at from: the territories of its audience, else its own; else, where its rule is around
/// whoever reads, each that its filters name, else every department.
fn stands(generation: &Generation, draft: &Published<Playlist>) -> Vec<Stand> {
    let filters = draft.body.rule.as_ref().map(|rule| &rule.filters);
    let around = filters.filter(|filters| filters.radius_m.is_some() && filters.position.is_none());
    let mut named: Vec<&String> = draft.body.audience.territories.iter().collect();
    if named.is_empty() {
        named.extend(&draft.territory);
    }
    if named.is_empty() {
        named.extend(around.iter().flat_map(|filters| &filters.territories));
    }
    let catalogue = generation.catalogue();
    if named.is_empty() && around.is_some() {
        return middles(catalogue, |venue| {
            venue.department.map(|own| own.code.to_owned()).into_iter().collect()
        });
    }
    middles(catalogue, |venue| {
        let of = named.iter().filter(|name| is_of(catalogue, venue, name));
        of.map(|name| (*name).clone()).collect()
    })
}

/// The middle of each territory that venues with offers stand in, by its name: the venue nearest to the mean of them.
fn middles(catalogue: &Catalogue, territories: impl Fn(&VenueRow) -> Vec<String>) -> Vec<Stand> {
    let mut all: BTreeMap<String, Vec<Position>> = BTreeMap::new();
    for venue in catalogue.venues().filter(|venue| !venue.rows.is_empty()) {
        let Some(place) = venue.place.and_then(|place| catalogue.places().get(place)) else {
            continue;
        };
        for name in territories(venue) {
            all.entry(name).or_default().push(place.position);
        }
    }
    let middle = |(name, positions): (String, Vec<Position>)| {
        let mean = |of: fn(Position) -> f64| positions.iter().copied().map(of).sum::<f64>() / positions.len() as f64;
        let centre = Position::new(mean(Position::lat), mean(Position::lng)).ok()?;
        let from_centre = |position: &Position| centre.distance(*position).0;
        let position = positions
            .iter()
            .min_by(|a, b| from_centre(a).total_cmp(&from_centre(b)))?;
        Some(Stand {
            name,
            position: *position,
        })
    };
    all.into_iter().filter_map(middle).collect()
}

/// Readers of the audience who would see fewer than `min_offers`, and from where.
fn too_few(generation: &Generation, draft: &Published<Playlist>, now: Moment) -> Vec<Message> {
    let least = draft.body.min_offers;
    let (readers, stands) = (
        readers(generation, &draft.body),
        one_or_each(stands(generation, draft).into_iter()),
    );
    let mut left = MOST_LOOKS;
    let mut messages = Vec::new();
    for reader in &readers {
        let looked_from: Vec<&Option<Stand>> = stands.iter().take(left).collect();
        left -= looked_from.len();
        let seen = |stand: &&Option<Stand>| count(generation, draft, reader.context(stand.as_ref()), now);
        let short: Vec<(usize, &str)> = looked_from
            .iter()
            .map(|stand| (seen(stand), stand.as_ref().map_or("", |stand| stand.name.as_str())))
            .filter(|(shown, _)| *shown < least)
            .collect();
        messages.extend(told(reader, least, &short, looked_from.len()));
    }
    messages
}

/// What is said of a reader who sees too few from some of the places that were looked from.
fn told(reader: &Reader<'_>, least: usize, short: &[(usize, &str)], looked_from: usize) -> Option<Message> {
    let described = reader.described();
    let message = match short {
        [] => return None,
        [(shown, "")] => format!("{described} sees {shown} of at least {least}"),
        [(shown, territory)] => format!("{described} in {territory} sees {shown} of at least {least}"),
        many => {
            let mut worst = many.to_vec();
            worst.sort_unstable();
            let mut named: Vec<String> = worst
                .iter()
                .take(NAMED)
                .map(|(shown, territory)| format!("{territory} ({shown})"))
                .collect();
            if worst.len() > NAMED {
                named.push(format!("{} more", worst.len() - NAMED));
            }
            let (short, named) = (worst.len(), named.join(", "));
            format!("{described} sees fewer than {least} in {short} of {looked_from} territories: {named}")
        }
    };
    let mend = "widen the rule, add picks, or lower min_offers";
    Some(warning("/min_offers", "too_few_offers", message, mend))
}

/// How many a reader would see, whoever the audience and whenever the schedule.
fn count(generation: &Generation, draft: &Published<Playlist>, context: Context, now: Moment) -> usize {
    let mut open = Published {
        id: draft.id.clone(),
        version: 0,
        territory: draft.territory.clone(),
        body: draft.body.clone(),
    };
    open.body.audience = crate::editorial::audience::Audience::default();
    open.body.schedule = crate::editorial::audience::Schedule::default();
    // What the rule finds now stands for what it would find at publication.
    open.body.frozen = false;
    let request = PlaylistRequest {
        user_id: None::<UserId>,
        context,
        limit: Some(draft.body.max_offers.min(crate::query::MAX_LIMIT)),
        ..PlaylistRequest::default()
    };
    let played = playlist::execute(generation, &open, &request, None, now);
    played.map_or(0, |played| played.list.offers.len())
}
