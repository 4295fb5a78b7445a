//! Real scores: MovieLens (small), read from the folder of shared data when it is there.
//!
//! A reader's score for a film is item-to-item cosine with the films they rated 4 or more; films already rated are out.
//! Invariant: nothing of the data is kept in this repository; without the folder there is simply no case.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use florilege_engine::arrange::{Problem, Values};

use crate::families::under_adjacency;

/// What a film's category is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Genres {
    /// Its first genre.
    Main,
    /// All of them.
    All,
}

struct Films {
    genres: HashMap<u32, Values>,
    liked_by: BTreeMap<u32, Vec<u32>>,
    likes: BTreeMap<u32, Vec<u32>>,
    rated: HashMap<u32, BTreeSet<u32>>,
}

/// One problem a reader: their `n` best films, `k` places. Empty without the data.
#[must_use]
pub fn problems(readers: usize, n: usize, k: usize, genres: Genres) -> Vec<Problem> {
    let Some(films) = read(&folder(), genres) else {
        return Vec::new();
    };
    let chosen = films.likes.iter().filter(|(_, liked)| liked.len() >= 5).take(readers);
    chosen
        .map(|(reader, liked)| problem(&films, *reader, liked, n, k))
        .filter(|p| p.scores.len() >= k)
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/movielens-small")
}

fn problem(films: &Films, reader: u32, liked: &[u32], n: usize, k: usize) -> Problem {
    let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
    for mine in liked {
        let fans = &films.liked_by[mine];
        for other in fans.iter().flat_map(|fan| &films.likes[fan]) {
            let size = (fans.len() * films.liked_by[other].len()) as f64;
            *scores.entry(*other).or_default() += 1.0 / size.sqrt();
        }
    }
    let seen = films.rated.get(&reader);
    let mut best: Vec<(u32, f64)> = scores
        .into_iter()
        .filter(|(f, _)| !seen.is_some_and(|s| s.contains(f)))
        .collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(n);
    let genres = |f: &u32| films.genres.get(f).cloned().unwrap_or_default();
    let values = best.iter().map(|(f, _)| genres(f)).collect();
    under_adjacency(best.iter().map(|(_, s)| *s).collect(), values, k)
}

fn read(folder: &Path, genres: Genres) -> Option<Films> {
    let movies = std::fs::read_to_string(folder.join("movies.csv")).ok()?;
    let ratings = std::fs::read_to_string(folder.join("ratings.csv")).ok()?;
    let mut films = Films {
        genres: HashMap::new(),
        liked_by: BTreeMap::new(),
        likes: BTreeMap::new(),
        rated: HashMap::new(),
    };
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for line in movies.lines().skip(1) {
        let (Some((id, _)), Some((_, names))) = (line.split_once(','), line.rsplit_once(',')) else {
            continue;
        };
        let number = |name: &str| {
            let next = numbers.len() as u32;
            *numbers.entry(name.to_owned()).or_insert(next)
        };
        let most = if genres == Genres::Main { 1 } else { usize::MAX };
        let named = names.split('|').filter(|name| !name.starts_with('(')).take(most);
        films.genres.insert(id.parse().ok()?, named.map(number).collect());
    }
    for line in ratings.lines().skip(1) {
        let mut fields = line.split(',');
        let (reader, film) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        films.rated.entry(reader).or_default().insert(film);
        if fields.next()?.parse::<f64>().ok()? >= 4.0 {
            films.liked_by.entry(film).or_default().push(reader);
            films.likes.entry(reader).or_default().push(film);
        }
    }
    Some(films)
}
