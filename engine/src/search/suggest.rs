//! Completion as somebody types: works, creators, venues, towns and categories of the catalogue.
//!
//! Beside search, on the same generation's names. What begins as typed comes before what needs a typo; then what has
//! something to book, the near before the far, the popular before the rest. Invariant: only names that stand in the
//! catalogue now, each once, ties by kind and text; the work is bounded whatever is typed.

use std::collections::BTreeSet;

use serde::Serialize;

use super::names::{Found, Named, TITLES, normal, title};
use crate::catalogue::row::{OfferRow, Row};
use crate::geo::Position;
use crate::live::Generation;
use crate::text::escape;
use crate::time::Moment;

/// The most completions of one answer.
pub const MAX_SUGGESTIONS: usize = 10;
/// Names of each run that are looked at.
const LOOKED_AT: usize = 48;
/// Offers of a name that are looked at.
const OFFERS: usize = 64;
/// Letters from which one typo is allowed, and two.
const TYPOS: [usize; 2] = [4, 8];
/// A place this far, in metres, is half as near as one next door.
const HALF: f64 = 15_000.0;

/// What is typed, and where.
#[derive(Debug, Clone, Default)]
pub struct SuggestRequest {
    /// The letters so far.
    pub q: String,
    /// Where the reader is.
    pub position: Option<Position>,
    /// How many completions, 1 to [`MAX_SUGGESTIONS`].
    pub limit: usize,
}

/// What a completion is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// A work.
    Work,
    /// A creator.
    Creator,
    /// A venue.
    Venue,
    /// A town.
    Town,
    /// A category or a subcategory.
    Category,
}

/// One completion.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Suggestion {
    /// The name.
    pub text: String,
    /// What it is the name of.
    pub kind: SuggestionKind,
    /// The name, safe in HTML, with what was typed in `<em>`.
    pub highlight: String,
    /// How many offers there are of it.
    pub count: usize,
    /// The work's or the venue's identifier, the category's key; none for creators and towns.
    pub id: Option<String>,
}

/// A name that stands, and what speaks for it.
struct Standing {
    suggestion: Suggestion,
    typos: u8,
    inner: bool,
    score: f64,
}

/// The completions of what is typed, the best first.
pub fn suggest(generation: &Generation, asked: &SuggestRequest, now: Moment) -> Vec<Suggestion> {
    let typed = normal(&asked.q);
    let limit = asked.limit.clamp(1, MAX_SUGGESTIONS);
    if typed.is_empty() {
        return Vec::new();
    }
    let names = generation.names();
    let look = |found: Vec<Found>| standing(generation, asked, &typed, now, found);
    let mut standing = look(names.beginning(&typed, LOOKED_AT));
    let letters = typed.chars().count();
    let allowed = TYPOS.iter().filter(|from| letters >= **from).count() as u8;
    if standing.len() < limit && allowed > 0 && !typed.bytes().any(|byte| byte.is_ascii_digit()) {
        let mut found = names.beginning_nearly(&typed, allowed, 8);
        found.sort_by(|one, two| one.typos.cmp(&two.typos).then(two.weight.cmp(&one.weight)));
        found.truncate(LOOKED_AT);
        standing.extend(look(found));
    }
    standing.sort_by(|one, two| {
        (one.typos, one.inner)
            .cmp(&(two.typos, two.inner))
            .then_with(|| two.score.total_cmp(&one.score))
            .then_with(|| one.suggestion.kind.cmp(&two.suggestion.kind))
            .then_with(|| one.suggestion.text.cmp(&two.suggestion.text))
    });
    let mut shown = BTreeSet::new();
    standing.retain(|one| shown.insert((one.suggestion.kind, normal(&one.suggestion.text))));
    standing.into_iter().take(limit).map(|one| one.suggestion).collect()
}

fn standing(
    generation: &Generation,
    asked: &SuggestRequest,
    typed: &str,
    now: Moment,
    found: Vec<Found>,
) -> Vec<Standing> {
    let eye = Eye {
        generation,
        origin: asked.position,
        now: now.millis(),
    };
    let mut seen = BTreeSet::new();
    let mut standing = Vec::new();
    for name in found
        .into_iter()
        .filter(|name| seen.insert((name.who, name.at)))
        .take(4 * LOOKED_AT)
    {
        let Some(seen) = eye.see(&name) else { continue };
        if seen.count == 0 {
            continue;
        }
        let whole = f64::from(u8::from(name.name == typed));
        let suggestion = Suggestion {
            highlight: marked(&seen.text, typed, &name),
            text: seen.text,
            kind: seen.kind,
            count: seen.count,
            id: seen.id,
        };
        standing.push(Standing {
            suggestion,
            typos: name.typos,
            inner: name.name[..name.at]
                .split_whitespace()
                .any(|word| !crate::text::is_stop(word)),
            score: whole * 2.0 + seen.worth,
        });
    }
    standing
}

/// What is known of a name now.
struct Seen {
    text: String,
    kind: SuggestionKind,
    id: Option<String>,
    count: usize,
    worth: f64,
}

struct Eye<'a> {
    generation: &'a Generation,
    origin: Option<Position>,
    now: i64,
}

impl Eye<'_> {
    /// The bearer of a name, none when it is gone or goes by another name now.
    fn see(&self, found: &Found) -> Option<Seen> {
        let catalogue = self.generation.catalogue();
        let same = |text: &String| normal(text) == found.name;
        match found.who {
            Named::Work(item) => {
                let item = catalogue.item(item)?;
                let titled = |row: &Row| title(catalogue, *row).filter(same);
                let text = item.rows.iter().take(TITLES).find_map(titled)?;
                let (count, worth) = (item.rows.len(), self.worth(&item.rows)?);
                Some(Seen {
                    text,
                    kind: SuggestionKind::Work,
                    id: Some(item.id.to_string()),
                    count,
                    worth,
                })
            }
            Named::Creator(word) => {
                let text = Some(catalogue.words().text(word).to_owned()).filter(same)?;
                let by = |row: &Row| {
                    catalogue
                        .offer(*row)
                        .is_some_and(|offer| offer.creators.contains(&word))
                };
                let rows: Vec<Row> = found.rows.iter().copied().filter(by).collect();
                let known = usize::try_from(found.weight).unwrap_or(usize::MAX).max(rows.len());
                Some(Seen {
                    text,
                    kind: SuggestionKind::Creator,
                    id: None,
                    count: known,
                    worth: self.worth(&rows)?,
                })
            }
            Named::Venue(ix) => {
                let venue = catalogue.venue(ix)?;
                let text = Some(venue.document.as_ref()?.name.clone()).filter(same)?;
                Some(Seen {
                    text,
                    kind: SuggestionKind::Venue,
                    id: Some(venue.id.to_string()),
                    count: venue.rows.len(),
                    worth: self.worth(&venue.rows)?,
                })
            }
            Named::Town(town) => {
                let town = self.generation.names().town(town)?;
                let count = town.offers(catalogue);
                let away = self
                    .origin
                    .zip(town.extent(catalogue))
                    .map(|(origin, (at, _))| origin.distance(at).0);
                Some(Seen {
                    text: town.name.clone(),
                    kind: SuggestionKind::Town,
                    id: None,
                    count,
                    worth: size(count) + 1.0 + near(away),
                })
            }
            Named::Category(_) | Named::Subcategory(_) => self.category(found.who),
        }
    }

    fn category(&self, who: Named) -> Option<Seen> {
        let catalogue = self.generation.catalogue();
        let taxonomy = catalogue.taxonomy();
        let (category, named) = if let Named::Category(place) = who {
            taxonomy.categories().nth(usize::from(place))?
        } else if let Named::Subcategory(place) = who {
            let (_, sub) = taxonomy.subcategories().nth(usize::from(place))?;
            (sub.category, &sub.named)
        } else {
            return None;
        };
        let count = catalogue.popular().get(category.index())?.len();
        Some(Seen {
            text: named.fr.clone(),
            kind: SuggestionKind::Category,
            id: Some(named.key.clone()),
            count,
            worth: size(count) + if matches!(who, Named::Category(_)) { 3.0 } else { 2.0 },
        })
    }

    /// Popularity and nearness of what can be booked among some offers; none when nothing can.
    fn worth(&self, rows: &[Row]) -> Option<f64> {
        let catalogue = self.generation.catalogue();
        let looked_at = rows.iter().take(OFFERS).filter_map(|row| catalogue.offer(*row));
        let bookable: Vec<&OfferRow> = looked_at
            .filter(|offer| !offer.waiting && offer.is_bookable(self.now))
            .collect();
        let bookings: usize = bookable.iter().map(|offer| offer.popularity() as usize).sum();
        let away = |offer: &&OfferRow| {
            let place = catalogue.places().get(offer.place?)?;
            Some(self.origin?.distance(place.position).0)
        };
        let nearest = bookable.iter().filter_map(away).min_by(f64::total_cmp);
        (!bookable.is_empty()).then(|| size(bookings + bookable.len()) + near(nearest))
    }
}

/// Numbers count by their order of magnitude.
fn size(count: usize) -> f64 {
    (count as f64).ln_1p() / 3.0
}

/// 3 next door, half of it at 15 km, nothing far away or nowhere.
fn near(metres: Option<f64>) -> f64 {
    metres.map_or(0.0, |metres| 3.0 * HALF / (HALF + metres))
}

/// The name with the words that begin as typed marked.
fn marked(text: &str, typed: &str, name: &Found) -> String {
    let skip = name.name[..name.at].split(' ').filter(|word| !word.is_empty()).count();
    let many = typed.split(' ').count();
    let (mut marked, mut at, mut place) = (String::new(), 0, 0);
    while let Some(begin) = text[at..].find(crate::text::is_word_char).map(|found| at + found) {
        let rest = &text[begin..];
        let end = begin
            + rest
                .find(|letter| !crate::text::is_word_char(letter))
                .unwrap_or(rest.len());
        escape(&text[at..begin], &mut marked);
        let inside = (skip..skip + many).contains(&place);
        marked.push_str(if inside { "<em>" } else { "" });
        escape(&text[begin..end], &mut marked);
        marked.push_str(if inside { "</em>" } else { "" });
        place += usize::from(!crate::text::fold(&text[begin..end]).is_empty());
        at = end;
    }
    escape(&text[at..], &mut marked);
    marked
}

#[cfg(test)]
mod tests;
