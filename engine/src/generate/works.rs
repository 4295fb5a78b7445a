//! Works: real titles and their real, dead creators, from the tables in `engine/data/generate/`.
//!
//! A line of offers draws its works from one [`Pool`]. Invariant: every work of a pool of creators has one; works
//! of one creator stand side by side.

use super::towns::rows;

/// A title with what is true of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    pub(super) title: String,
    pub(super) creator: Option<&'static str>,
    pub(super) genre: String,
    pub(super) year: String,
    pub(super) note: String,
    /// Another title of the same creator, where there is one.
    pub(super) other: Option<String>,
}

/// What kind of works a pool holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pool {
    Books,
    BooksEn,
    Music,
    Records,
    Stage,
    Films,
    Art,
}

impl Pool {
    #[cfg(test)]
    pub(super) const ALL: [Self; 7] = [
        Self::Books,
        Self::BooksEn,
        Self::Music,
        Self::Records,
        Self::Stage,
        Self::Films,
        Self::Art,
    ];

    /// The table of the pool.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Books => include_str!("../../data/generate/books.tsv"),
            Self::BooksEn => include_str!("../../data/generate/books_en.tsv"),
            Self::Music => include_str!("../../data/generate/music.tsv"),
            Self::Records => include_str!("../../data/generate/records.tsv"),
            Self::Stage => include_str!("../../data/generate/stage.tsv"),
            Self::Films => include_str!("../../data/generate/films.tsv"),
            Self::Art => include_str!("../../data/generate/art.tsv"),
        }
    }

    /// The works of the pool; `None` where the table is not well formed.
    pub(super) fn works(self) -> Option<Vec<Work>> {
        let mut works = Vec::new();
        let mut creator = None;
        for row in rows(self.table()) {
            match row[..] {
                [name, _year] => creator = Some(name.strip_prefix('@')?),
                [title, genre, year, note] => works.push(Work {
                    title: title.into(),
                    creator: Some(creator?),
                    genre: genre.into(),
                    year: year.into(),
                    note: note.into(),
                    other: None,
                }),
                _ => return None,
            }
        }
        pair(&mut works);
        Some(works)
    }

    /// What a work is called in a sentence: "Roman", "Film"…
    pub(super) fn noun(self, genre: &str) -> &str {
        match self {
            Self::Books => book_noun(genre),
            Self::BooksEn => genre,
            Self::Music => "Œuvre",
            Self::Records => "Enregistrement",
            Self::Stage => stage_noun(genre),
            Self::Films => "Film",
            Self::Art => "Œuvres",
        }
    }
}

fn book_noun(genre: &str) -> &str {
    match genre {
        "Fantastique" => "Récit fantastique",
        "Aventures" => "Roman d'aventures",
        "Science-fiction" => "Récit de science-fiction",
        "Jeunesse" => "Livre pour la jeunesse",
        "Poésie" => "Poèmes",
        "Théâtre" => "Pièce",
        "Sciences" => "Livre de sciences",
        "Histoire" => "Livre d'histoire",
        "Correspondance" => "Lettres",
        _ => genre,
    }
}

fn stage_noun(genre: &str) -> &str {
    match genre {
        "Théâtre" | "Commedia dell'arte" => "Pièce",
        "Danse" => "Ballet",
        "Jeune public" | "Marionnettes" => "Spectacle d'après l'œuvre",
        _ => genre,
    }
}

/// A work that is no one's: `title|genre|note`.
pub(super) fn topic(text: &str) -> Option<Work> {
    let mut fields = text.split('|').map(String::from);
    Some(Work {
        title: fields.next()?,
        creator: None,
        genre: fields.next()?,
        year: String::new(),
        note: fields.next()?,
        other: None,
    })
}

/// Gives each work the next one of its creator; the last has the one before it.
fn pair(works: &mut [Work]) {
    for at in 0..works.len() {
        let mate = [at + 1, at.wrapping_sub(1)]
            .into_iter()
            .filter_map(|near| works.get(near))
            .find(|near| near.creator == works[at].creator)
            .map(|near| near.title.clone());
        works[at].other = mate;
    }
}
