//! Words too common to be asked for: a query that holds others does not insist on these.
//!
//! They are indexed like all words, count in phrases and in whole titles, and are asked for when nothing else is
//! left ("The The"). Invariant: the lists are folded and sorted, so that a look-up is a binary search.

/// French and English, folded, in order of bytes. Letters alone are what elisions leave.
const STOP: &[&str] = &[
    "a", "afin", "ai", "an", "and", "are", "as", "at", "au", "aux", "avec", "by", "c", "ce", "ces", "cet", "cette",
    "chez", "d", "dans", "de", "des", "donc", "du", "elle", "elles", "en", "est", "et", "eux", "for", "from", "ils",
    "in", "is", "it", "its", "j", "je", "l", "la", "le", "les", "leur", "leurs", "lui", "m", "ma", "mais", "me", "mes",
    "moi", "mon", "n", "ne", "nos", "notre", "nous", "of", "on", "ou", "our", "par", "pas", "pour", "qu", "que", "qui",
    "s", "sa", "se", "ses", "son", "sont", "sur", "t", "ta", "te", "tes", "that", "the", "their", "this", "to", "toi",
    "ton", "tu", "un", "une", "vos", "votre", "vous", "was", "with", "y",
];

/// What an apostrophe takes away from a word: l'avare, qu'il, jusqu'au.
const ELIDED: &[&str] = &[
    "c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quelqu", "quoiqu", "s", "t",
];

/// Whether a folded word is a stop word.
pub fn is_stop(folded: &str) -> bool {
    STOP.binary_search(&folded).is_ok()
}

/// Whether a folded word before an apostrophe is an article or a pronoun that lost its vowel.
pub(super) fn is_elided(folded: &str) -> bool {
    ELIDED.binary_search(&folded).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_sorted_and_folded() {
        for list in [super::STOP, super::ELIDED] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(list.iter().all(|word| super::super::fold::fold(word) == *word));
        }
    }
}
