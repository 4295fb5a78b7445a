//! Two orders side by side with a line from each place to the other: what moves between what is live and a draft.
//!
//! Drawn in the editors of playlists and homes. Invariant: everything of both orders stands in it once, and every
//! change of place, arrival and departure is counted.

use std::collections::BTreeMap;

/// The height of a line of text.
const ROW: usize = 20;
/// Where the lines begin and end.
const LEFT: usize = 196;
const RIGHT: usize = 284;
/// The longest name that is drawn, in characters.
const SHORT: usize = 22;

/// A name on one side.
pub(super) struct Label {
    pub(super) y: usize,
    /// Its place, from 1.
    pub(super) place: usize,
    pub(super) name: String,
    /// As much of it as there is room for.
    pub(super) short: String,
    /// Whether the other side has it.
    pub(super) stays: bool,
}

/// From a place to a place.
pub(super) struct Line {
    pub(super) path: String,
    /// `up`, `down` or `same`.
    pub(super) way: &'static str,
}

/// Two orders.
pub(super) struct Moves {
    pub(super) was: Vec<Label>,
    pub(super) is: Vec<Label>,
    pub(super) lines: Vec<Line>,
    /// How many moved, came or went.
    pub(super) changes: usize,
    pub(super) height: usize,
}

impl Moves {
    /// From one order to another, each a list of keys and names.
    pub(super) fn between(was: &[(String, String)], is: &[(String, String)]) -> Self {
        let places: BTreeMap<&str, usize> = was
            .iter()
            .enumerate()
            .map(|(place, (key, _))| (key.as_str(), place))
            .collect();
        let came = |key: &str| places.get(key).copied();
        let lines: Vec<Line> = is
            .iter()
            .enumerate()
            .filter_map(|(to, (key, _))| Some(line(came(key)?, to)))
            .collect();
        let stays = |key: &str| is.iter().any(|(known, _)| known == key);
        let moved = lines.iter().filter(|line| line.way != "same").count();
        Self {
            changes: moved + (was.len() - lines.len()) + (is.len() - lines.len()),
            was: labels(was, stays),
            is: labels(is, |key| came(key).is_some()),
            lines,
            height: was.len().max(is.len()) * ROW + ROW,
        }
    }
}

const fn middle(place: usize) -> usize {
    place * ROW + ROW / 2
}

fn line(from: usize, to: usize) -> Line {
    let (left, right) = (middle(from), middle(to));
    let half = usize::midpoint(LEFT, RIGHT);
    Line {
        path: format!("M{LEFT} {left}C{half} {left} {half} {right} {RIGHT} {right}"),
        way: match to.cmp(&from) {
            std::cmp::Ordering::Less => "up",
            std::cmp::Ordering::Equal => "same",
            std::cmp::Ordering::Greater => "down",
        },
    }
}

fn labels(list: &[(String, String)], stays: impl Fn(&str) -> bool) -> Vec<Label> {
    let label = |(place, (key, name)): (usize, &(String, String))| {
        let short: String = name.chars().take(SHORT).collect();
        Label {
            y: middle(place) + 4,
            place: place + 1,
            short: if short.len() < name.len() {
                format!("{short}…")
            } else {
                short
            },
            name: name.clone(),
            stays: stays(key),
        }
    };
    list.iter().enumerate().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(keys: &str) -> Vec<(String, String)> {
        keys.chars()
            .map(|key| (key.to_string(), format!("Name {key}")))
            .collect()
    }

    #[test]
    fn each_move_is_drawn_and_counted() {
        for (was, is, ways, changes) in [
            ("abc", "abc", vec!["same", "same", "same"], 0),
            ("abc", "cab", vec!["up", "down", "down"], 3),
            ("abc", "ab", vec!["same", "same"], 1),
            ("ab", "abd", vec!["same", "same"], 1),
            ("abc", "xbc", vec!["same", "same"], 2),
            ("", "ab", vec![], 2),
        ] {
            let moves = Moves::between(&order(was), &order(is));
            assert_eq!(
                moves.lines.iter().map(|line| line.way).collect::<Vec<_>>(),
                ways,
                "{was} {is}"
            );
            assert_eq!(moves.changes, changes, "{was} {is}");
            assert_eq!((moves.was.len(), moves.is.len()), (was.len(), is.len()));
        }
        let moves = Moves::between(&order("ab"), &order("bc"));
        assert_eq!(moves.was.iter().map(|one| one.stays).collect::<Vec<_>>(), [false, true]);
        assert_eq!(moves.is.iter().map(|one| one.stays).collect::<Vec<_>>(), [true, false]);
    }
}
