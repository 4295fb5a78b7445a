//! Words that mean the same, as editors say.
//!
//! Applied when a query is read; the index does not know them, so that publishing some costs nothing. Invariant: a
//! synonym is one more way to meet a word, never one more word to meet.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::analysis::words;
use super::document::PAIR;
use super::stem::{Families, Stems};
use super::stop::is_stop;

/// Groups of forms of one or two words each ("bd", "bande dessinée"), any of which finds all the others.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    by_form: FxHashMap<String, Vec<Synonym>>,
}

/// Another way to say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Synonym {
    /// One word, or two as a pair.
    pub(super) form: String,
    /// The families of the one word.
    pub(super) families: Families,
}

impl Synonym {
    pub(super) fn is_pair(&self) -> bool {
        self.form.contains(PAIR)
    }
}

impl Synonyms {
    /// The groups; forms of no word or of more than two are left out, stop words do not count.
    pub fn new<G: AsRef<[S]>, S: AsRef<str>>(groups: &[G]) -> Self {
        let stems = Stems::default();
        let mut by_form: FxHashMap<String, Vec<Synonym>> = FxHashMap::default();
        for group in groups {
            let forms: Vec<Synonym> = group
                .as_ref()
                .iter()
                .filter_map(|form| synonym(form.as_ref(), &stems))
                .collect();
            for form in &forms {
                let others = forms.iter().filter(|other| other.form != form.form).cloned();
                by_form.entry(form.form.clone()).or_default().extend(others);
            }
        }
        Self { by_form }
    }

    /// The other ways to say a word, or a pair of words.
    pub(super) fn of(&self, form: &str) -> &[Synonym] {
        self.by_form.get(form).map_or(&[], Vec::as_slice)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_form.is_empty()
    }
}

fn synonym(form: &str, stems: &Stems) -> Option<Synonym> {
    let mut words = words(form);
    if words.iter().any(|word| !is_stop(&word.text)) {
        words.retain(|word| !is_stop(&word.text));
    }
    match words.as_slice() {
        [word] => Some(Synonym {
            form: word.text.clone(),
            families: stems.families(&word.surface, &word.text),
        }),
        [one, two] => Some(Synonym {
            form: format!("{}{PAIR}{}", one.text, two.text),
            families: SmallVec::new(),
        }),
        _ => None,
    }
}
