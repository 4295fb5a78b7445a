//! The formats of MovieLens: `ratings.csv` with `movies.csv`, and `ratings.dat` with `movies.dat` (1M, 10M).
//!
//! Invariant: ratings are read line by line, so that memory follows the numbers and not the text.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::read::{DataError, plain};
use super::{Dataset, Gatherer, Line};
use crate::import::read::read as table;

/// Ratings of at least this say yes (Liang et al. 2018).
const POSITIVE: f32 = 4.0;
/// What films without genres have in their place.
const NO_GENRES: &str = "(no genres listed)";

/// Reads a folder, or a ratings file with what stands beside it.
pub(super) fn read(path: &Path) -> Result<Dataset, DataError> {
    let file = |name: &str| {
        if path.is_dir() {
            path.join(name)
        } else {
            path.to_owned()
        }
    };
    let is = |extension: &str| path.extension().is_some_and(|found| found == extension);
    let (csv, dat) = (file("ratings.csv"), file("ratings.dat"));
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or(path)
    };
    let mut gatherer = Gatherer::default();
    if csv.is_file() && (path.is_dir() || is("csv")) {
        comma_ratings(&csv, &mut gatherer)?;
        comma_films(&folder.join("movies.csv"), &mut gatherer)?;
    } else if dat.is_file() && (path.is_dir() || is("dat")) {
        lines(&dat, |line| rating(line.split("::"), [0, 1, 2, 3], &mut gatherer))?;
        colon_films(&folder.join("movies.dat"), &mut gatherer)?;
    } else {
        return Err(DataError::Unknown(path.to_owned()));
    }
    let name = folder
        .file_name()
        .map_or_else(|| "data".into(), |name| name.to_string_lossy());
    Ok(gatherer.finish(&name, Some(POSITIVE)))
}

fn lines(path: &Path, mut each: impl FnMut(&str)) -> Result<(), DataError> {
    let fault = |source| DataError::Io {
        path: path.to_owned(),
        source,
    };
    let mut reader = BufReader::new(File::open(path).map_err(fault)?);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).map_err(fault)? > 0 {
        let text = String::from_utf8_lossy(&bytes);
        each(text.trim_start_matches('\u{feff}').trim_end());
        bytes.clear();
    }
    Ok(())
}

fn rating<'a>(cells: impl Iterator<Item = &'a str>, places: [usize; 4], gatherer: &mut Gatherer) {
    let cells: Vec<&str> = cells.map(|cell| cell.trim().trim_matches('"')).collect();
    let cell = |at: usize| cells.get(places[at]).copied().filter(|cell| !cell.is_empty());
    let value = cell(2)
        .and_then(|text| text.parse::<f32>().ok())
        .filter(|value| value.is_finite());
    let time = cell(3).map_or(Some(0), |text| text.parse::<i64>().ok());
    match (cell(0), cell(1), value, time) {
        (Some(user), Some(item), Some(value), Some(time)) => gatherer.act(&Line {
            user,
            item,
            value,
            time,
        }),
        _ => gatherer.unread += 1,
    }
}

fn comma_ratings(path: &Path, gatherer: &mut Gatherer) -> Result<(), DataError> {
    let mut places = None;
    let mut header = String::new();
    lines(path, |line| match places {
        None if header.is_empty() => {
            line.clone_into(&mut header);
            places = columns(line);
        }
        None => {}
        Some(_) if line.is_empty() => {}
        Some(places) => rating(line.split(','), places, gatherer),
    })?;
    places.map(|_| ()).ok_or_else(|| DataError::Column {
        path: path.to_owned(),
        column: "userId, movieId, rating".into(),
        found: header,
    })
}

/// Where the four columns stand; a missing time stands past the end.
fn columns(header: &str) -> Option<[usize; 4]> {
    let names: Vec<String> = header
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_lowercase())
        .collect();
    let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
    Some([
        find(&["userid", "user_id", "user"])?,
        find(&["movieid", "movie_id", "itemid", "item_id", "item"])?,
        find(&["rating", "value"])?,
        find(&["timestamp", "time"]).unwrap_or(usize::MAX),
    ])
}

fn comma_films(path: &Path, gatherer: &mut Gatherer) -> Result<(), DataError> {
    if !path.is_file() {
        return Ok(());
    }
    let Some(input) = plain("csv") else { return Ok(()) };
    let films = table(path, &input)?;
    let find = |known: &[&str]| {
        let is = |name: &String| known.contains(&name.to_lowercase().as_str());
        films.columns.iter().position(is).ok_or_else(|| DataError::Column {
            path: path.to_owned(),
            column: known[0].into(),
            found: films.columns.join(", "),
        })
    };
    let item = find(&["movieid", "movie_id", "itemid", "item_id", "item"])?;
    let (title, genres) = (find(&["title"])?, find(&["genres"])?);
    for row in &films.rows {
        let cell = |at: usize| row.cells.get(at).and_then(Option::as_deref).unwrap_or("");
        let named = cell(genres).split('|').filter(|genre| *genre != NO_GENRES);
        gatherer.item(cell(item).trim(), cell(title), named);
    }
    Ok(())
}

fn colon_films(path: &Path, gatherer: &mut Gatherer) -> Result<(), DataError> {
    if !path.is_file() {
        return Ok(());
    }
    lines(path, |line| {
        let cells: Vec<&str> = line.split("::").collect();
        if let [item, title, genres] = cells[..] {
            gatherer.item(item, title, genres.split('|').filter(|genre| *genre != NO_GENRES));
        }
    })
}
