//! Picks and exclusions: the lists that buttons change, in the form and on the page.
//!
//! Invariant: an offer stands once in a list, and two picks never want one rank.

use florilege_engine::catalogue::Catalogue;
use serde_json::{Map, Value, json};

use super::typed::set;
use crate::studio::form::Form;
use crate::studio::look::{self, Category};
use crate::studio::words::Lang;

/// A pick as it is shown.
pub(crate) struct Picked {
    /// As it stands in the form.
    pub(crate) value: String,
    pub(crate) id: String,
    pub(crate) rank: Option<usize>,
    /// What it is called; its identifier where the catalogue does not know it.
    pub(crate) title: String,
    pub(crate) category: Option<Category>,
    pub(crate) venue: String,
    /// Why it cannot be shown, as the words call it.
    pub(crate) trouble: Option<&'static str>,
}

/// One pick of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pick {
    is_item: bool,
    rank: Option<usize>,
    id: String,
}

impl Pick {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '|');
        let (kind, rank, id) = (parts.next()?, parts.next()?, parts.next()?.trim());
        (!id.is_empty()).then(|| Self {
            is_item: kind == "i",
            rank: rank.parse().ok(),
            id: id.to_owned(),
        })
    }

    fn value(&self) -> String {
        let rank = self.rank.map_or_else(String::new, |rank| rank.to_string());
        format!("{}|{rank}|{}", if self.is_item { "i" } else { "o" }, self.id)
    }

    fn json(&self) -> Value {
        let mut pick = Map::new();
        let name = if self.is_item { "item_id" } else { "offer_id" };
        pick.insert(name.to_owned(), json!(self.id));
        set(&mut pick, "rank", self.rank.map(|rank| json!(rank)));
        Value::Object(pick)
    }

    fn of_json(value: &Value) -> Option<Self> {
        let item = value.get("item_id").and_then(Value::as_str);
        let id = value.get("offer_id").and_then(Value::as_str).or(item)?;
        Some(Self {
            is_item: item == Some(id),
            rank: value
                .get("rank")
                .and_then(Value::as_u64)
                .and_then(|rank| usize::try_from(rank).ok()),
            id: id.to_owned(),
        })
    }
}

/// The lists of a form, with what the pressed button does to them.
pub(super) fn typed(form: &Form, body: &mut Map<String, Value>) {
    let mut picks: Vec<Pick> = form.all("pick").filter_map(Pick::parse).collect();
    let mut excluded: Vec<String> = form.words("exclude");
    act(form.get("act"), &mut picks, &mut excluded);
    let picked: Vec<Value> = picks.iter().map(Pick::json).collect();
    set(body, "picks", (!picked.is_empty()).then_some(Value::Array(picked)));
    set(body, "exclude", (!excluded.is_empty()).then(|| json!(excluded)));
}

/// `verb|id` or `verb|number|id`: what a button says.
fn act(act: &str, picks: &mut Vec<Pick>, excluded: &mut Vec<String>) {
    let Some((verb, rest)) = act.split_once('|') else {
        return;
    };
    match verb {
        "pin" | "move" => {
            let Some((number, id)) = rest.split_once('|') else {
                return;
            };
            let Ok(number) = number.parse::<usize>() else { return };
            if verb == "pin" {
                pin(picks, id, Some(number))
            } else {
                shift(picks, id, |_| number)
            }
            excluded.retain(|one| one != id);
        }
        "unpin" => pin(picks, rest, None),
        "add" => {
            if !picks.iter().any(|pick| pick.id == rest) {
                picks.push(offer(rest));
            }
            excluded.retain(|one| one != rest);
        }
        "remove" => picks.retain(|pick| pick.id != rest),
        "up" => shift(picks, rest, |place| place.saturating_sub(1)),
        "down" => shift(picks, rest, |place| place + 1),
        "exclude" => {
            picks.retain(|pick| pick.id != rest);
            if !excluded.iter().any(|one| one == rest) {
                excluded.push(rest.to_owned());
            }
        }
        "include" => excluded.retain(|one| one != rest),
        _ => {}
    }
}

fn offer(id: &str) -> Pick {
    Pick {
        is_item: false,
        rank: None,
        id: id.to_owned(),
    }
}

/// Gives a pick a rank, which another may lose; what is not picked yet is.
fn pin(picks: &mut Vec<Pick>, id: &str, rank: Option<usize>) {
    for pick in picks.iter_mut().filter(|pick| rank.is_some() && pick.rank == rank) {
        pick.rank = None;
    }
    match picks.iter_mut().find(|pick| pick.id == id) {
        Some(pick) => pick.rank = rank,
        None if rank.is_some() => picks.push(Pick { rank, ..offer(id) }),
        None => {}
    }
}

/// Moves a pick to another place of the list.
fn shift(picks: &mut Vec<Pick>, id: &str, to: impl FnOnce(usize) -> usize) {
    let Some(place) = picks.iter().position(|pick| pick.id == id) else {
        return;
    };
    let pick = picks.remove(place);
    let to = to(place).min(picks.len());
    picks.insert(to, pick);
}

/// The picks of a body, with what the catalogue knows of them.
pub(super) fn picks(catalogue: &Catalogue, lang: Lang, body: &Map<String, Value>) -> Vec<Picked> {
    let list = body.get("picks").and_then(Value::as_array);
    let picks = list.into_iter().flatten().filter_map(Pick::of_json);
    picks.map(|pick| shown(catalogue, lang, &pick)).collect()
}

/// The exclusions of a body, likewise.
pub(super) fn excluded(catalogue: &Catalogue, lang: Lang, body: &Map<String, Value>) -> Vec<Picked> {
    let list = body.get("exclude").and_then(Value::as_array);
    let ids = list.into_iter().flatten().filter_map(Value::as_str);
    let shown = |id: &str| Picked {
        value: id.to_owned(),
        trouble: None,
        ..shown(catalogue, lang, &offer(id))
    };
    ids.map(shown).collect()
}

fn shown(catalogue: &Catalogue, lang: Lang, pick: &Pick) -> Picked {
    let item = catalogue.find_item(&pick.id).and_then(|item| catalogue.item(item));
    let first = item.and_then(|item| item.rows.first().copied());
    let row = if pick.is_item {
        first
    } else {
        catalogue.find(&pick.id).or(first)
    };
    let columns = row.and_then(|row| catalogue.offer(row));
    let document = row.and_then(|row| catalogue.document(row));
    let taxonomy = catalogue.taxonomy();
    Picked {
        value: pick.value(),
        rank: pick.rank,
        title: document.map_or_else(|| pick.id.clone(), |offer| offer.title),
        category: columns.map(|row| look::category(catalogue, lang, &taxonomy.category(row.category).key)),
        venue: columns.map_or_else(String::new, |row| venue(catalogue, row.id.as_str())),
        trouble: match columns {
            None => Some("unknown"),
            Some(row) if !row.is_offered() => Some("unbookable"),
            Some(_) => None,
        },
        id: pick.id.clone(),
    }
}

/// The name of an offer's venue and its town.
pub(super) fn venue(catalogue: &Catalogue, id: &str) -> String {
    let row = catalogue.find(id).and_then(|row| catalogue.offer(row));
    let venue = row.and_then(|row| row.venue).and_then(|venue| catalogue.venue(venue));
    let Some(venue) = venue.and_then(|venue| venue.document.as_deref()) else {
        return String::new();
    };
    venue
        .city
        .as_ref()
        .map_or_else(|| venue.name.clone(), |city| format!("{}, {city}", venue.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(form: &str) -> (Vec<String>, Vec<String>) {
        let mut body = Map::new();
        typed(&Form::parse(form.as_bytes()), &mut body);
        let picks = body.get("picks").and_then(Value::as_array).into_iter().flatten();
        let excluded = body.get("exclude").and_then(Value::as_array).into_iter().flatten();
        (
            picks.filter_map(Pick::of_json).map(|pick| pick.value()).collect(),
            excluded.filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        )
    }

    #[test]
    fn each_button_does_what_it_says() {
        let base = "pick=o|0|a&pick=i||b&pick=o||c|d&exclude=x";
        let (o, x) = (|text: &str| text.to_owned(), vec!["x".to_owned()]);
        for (act, picks, excluded) in [
            ("", ["o|0|a", "i||b", "o||c|d"].map(o).to_vec(), x.clone()),
            ("pin|0|b", ["o||a", "i|0|b", "o||c|d"].map(o).to_vec(), x.clone()),
            (
                "pin|4|e",
                ["o|0|a", "i||b", "o||c|d", "o|4|e"].map(o).to_vec(),
                x.clone(),
            ),
            ("unpin|a", ["o||a", "i||b", "o||c|d"].map(o).to_vec(), x.clone()),
            ("unpin|z", ["o|0|a", "i||b", "o||c|d"].map(o).to_vec(), x.clone()),
            ("up|c|d", ["o|0|a", "o||c|d", "i||b"].map(o).to_vec(), x.clone()),
            ("up|a", ["o|0|a", "i||b", "o||c|d"].map(o).to_vec(), x.clone()),
            ("down|a", ["i||b", "o|0|a", "o||c|d"].map(o).to_vec(), x.clone()),
            ("move|9|a", ["i||b", "o||c|d", "o|0|a"].map(o).to_vec(), x.clone()),
            ("add|x", ["o|0|a", "i||b", "o||c|d", "o||x"].map(o).to_vec(), vec![]),
            ("remove|b", ["o|0|a", "o||c|d"].map(o).to_vec(), x.clone()),
            ("exclude|a", ["i||b", "o||c|d"].map(o).to_vec(), vec![o("x"), o("a")]),
            ("include|x", ["o|0|a", "i||b", "o||c|d"].map(o).to_vec(), vec![]),
            ("nonsense", ["o|0|a", "i||b", "o||c|d"].map(o).to_vec(), x.clone()),
        ] {
            assert_eq!(after(&format!("{base}&act={act}")), (picks, excluded), "{act}");
        }
    }
}
