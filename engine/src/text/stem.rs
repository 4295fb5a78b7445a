//! Families of words: plurals and light stems, French and English.
//!
//! Used by the analysis on both sides of a search. Two words are of one family when they share a key. Invariant: a
//! key comes from the word alone, and stop words, numbers and words of less than three letters have none.
//!
//! Snowball alone is too eager for titles ("concertation" → "concert", "musée" → "mus") and too shy with plurals
//! ("mangas", "opéras" keep their s). So the plural goes first, by our rule, and a Snowball stem is taken only when
//! it cuts at most [`MAX_CUT`] letters and leaves at least [`MIN_STEM`]; else the singular itself is the key.

use frostem::{Algorithm, Stemmer};
use smallvec::SmallVec;

use super::fold::fold;
use super::stop::is_stop;

/// The most letters a stem may lose.
const MAX_CUT: usize = 3;
/// The fewest letters a stem may keep.
const MIN_STEM: usize = 4;

/// The keys of one word, at most four.
pub type Families = SmallVec<[String; 2]>;

/// Both stemmers, built once.
pub struct Stems {
    french: Stemmer,
    english: Stemmer,
}

impl Default for Stems {
    fn default() -> Self {
        Self {
            french: Stemmer::new(Algorithm::French),
            english: Stemmer::new(Algorithm::English),
        }
    }
}

impl Stems {
    /// The plain Snowball French stem of a lower-case word.
    pub fn snowball_french(&self, word: &str) -> String {
        self.french.stem(word).into_owned()
    }

    /// The keys of a word, given as typed in lower case and folded.
    pub fn families(&self, surface: &str, folded: &str) -> Families {
        let mut keys = Families::new();
        if folded.chars().count() < 3 || is_stop(folded) || folded.bytes().any(|byte| !byte.is_ascii_lowercase()) {
            return keys;
        }
        let mut add = |key: String| {
            if !keys.contains(&key) {
                keys.push(key);
            }
        };
        add(light(&self.french, &singular(&fold_case(surface))));
        let unaccented = singular(folded);
        match unaccented.strip_suffix("ee") {
            Some(root) => add(light(&self.french, &format!("{root}ée"))),
            None => add(light(&self.french, &unaccented)),
        }
        if surface.is_ascii() && !unaccented.ends_with("ee") {
            add(light(&self.english, folded));
        }
        keys
    }
}

/// Accents stay, ligatures go: Snowball French wants "é" but not "œ".
fn fold_case(surface: &str) -> String {
    surface.replace('œ', "oe").replace('æ', "ae")
}

/// The stem, folded, when it is light; else the word, folded.
fn light(stemmer: &Stemmer, word: &str) -> String {
    let stem = fold(&stemmer.stem(word));
    let (long, short) = (word.chars().count(), stem.chars().count());
    if short >= MIN_STEM && long.saturating_sub(short) <= MAX_CUT {
        stem
    } else {
        fold(word)
    }
}

/// The singular by the common French rules: -aux → -al, -eaux → -eau, and no final s or x.
fn singular(word: &str) -> String {
    let letters = word.chars().count();
    if letters < 4 || word.ends_with("ss") {
        return word.to_owned();
    }
    if let Some(root) = word.strip_suffix("eaux") {
        return format!("{root}eau");
    }
    if let Some(root) = word.strip_suffix("aux").filter(|_| letters > 4) {
        return format!("{root}al");
    }
    word.strip_suffix(['s', 'x']).unwrap_or(word).to_owned()
}
