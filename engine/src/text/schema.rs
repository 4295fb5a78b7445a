//! The fields of the index and the way terms go in.
//!
//! Our analysis gives finished terms; tantivy only splits them again. In the *coded* fields the frequency of a term
//! is no count but the tier of the best attribute that holds it, so that one posting list tells who matches and how
//! well. Invariant: what is written here is `DocTerms`, nothing else.

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{TantivyDocument, Term};

use super::Row;
use super::document::{DocTerms, Tier};

/// Ends a term in a field's text.
const END: char = '\n';
const CODED: &str = "coded";
const LISTED: &str = "listed";

/// The fields, in the order of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The row, for deletion.
    pub(super) row: Field,
    /// The row and the length of its title, for reading.
    pub(super) info: Field,
    pub(super) words: Field,
    pub(super) families: Field,
    pub(super) edges: Field,
    pub(super) wholes: Field,
    pub(super) pairs: Field,
    pub(super) accents: Field,
    pub(super) identifiers: Field,
    /// One field a tier, the least first.
    pub(super) sequences: [Field; 5],
}

fn text(tokenizer: &str, option: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(option)
        .set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}

/// The schema and its fields.
pub(super) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let coded = || text(CODED, IndexRecordOption::WithFreqs);
    let listed = || text(LISTED, IndexRecordOption::Basic);
    let counted = || text(LISTED, IndexRecordOption::WithFreqs);
    let placed = || text(LISTED, IndexRecordOption::WithFreqsAndPositions);
    let number: NumericOptions = INDEXED.into();
    let fields = Fields {
        row: builder.add_u64_field("row", number),
        info: builder.add_u64_field("info", FAST),
        words: builder.add_text_field("words", coded()),
        families: builder.add_text_field("families", coded()),
        edges: builder.add_text_field("edges", coded()),
        wholes: builder.add_text_field("wholes", coded()),
        pairs: builder.add_text_field("pairs", coded()),
        accents: builder.add_text_field("accents", listed()),
        identifiers: builder.add_text_field("identifiers", counted()),
        sequences: Tier::ALL.map(|tier| builder.add_text_field(&format!("sequence_{}", tier as u8), placed())),
    };
    (builder.build(), fields)
}

/// The tokenizers of the schema.
pub(super) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(CODED, Coded::new(true));
    manager.register(LISTED, Coded::new(false));
    manager
}

/// What `info` holds of one row.
pub(super) fn pack_info(row: Row, title_words: u8) -> u64 {
    u64::from(row.0) | (u64::from(title_words) << 32)
}

/// The row and the words of its title.
pub(super) fn unpack_info(info: u64) -> (u32, u8) {
    (info as u32, (info >> 32) as u8)
}

impl Fields {
    /// The term by which a row is deleted.
    pub(super) fn row_term(&self, row: Row) -> Term {
        Term::from_field_u64(self.row, u64::from(row.0))
    }

    /// The document that is written for a row.
    pub(super) fn document(&self, row: Row, terms: &DocTerms) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_u64(self.row, u64::from(row.0));
        document.add_u64(self.info, pack_info(row, terms.title_words));
        for (field, map) in [
            (self.words, &terms.words),
            (self.families, &terms.families),
            (self.edges, &terms.edges),
            (self.wholes, &terms.wholes),
            (self.pairs, &terms.pairs),
        ] {
            document.add_text(field, coded(map));
        }
        document.add_text(self.accents, listed(&terms.accents));
        document.add_text(self.identifiers, listed(&terms.identifiers));
        for (tier, words) in &terms.sequences {
            document.add_text(self.sequences[usize::from(*tier) - 1], words.join("\n"));
        }
        document
    }
}

fn coded(map: &FxHashMap<String, u8>) -> String {
    let mut text = String::with_capacity(map.len() * 10);
    for (term, tier) in map {
        text.push(char::from(b'0' + tier));
        text.push_str(term);
        text.push(END);
    }
    text
}

fn listed(set: &FxHashSet<String>) -> String {
    let terms: Vec<&str> = set.iter().map(String::as_str).collect();
    terms.join("\n")
}

/// Splits finished terms at their ends; a coded term begins with its tier and is said that many times.
#[derive(Clone)]
struct Coded {
    coded: bool,
    token: Token,
}

impl Coded {
    fn new(coded: bool) -> Self {
        Self {
            coded,
            token: Token::default(),
        }
    }
}

impl Tokenizer for Coded {
    type TokenStream<'a> = CodedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CodedStream<'a> {
        self.token.reset();
        CodedStream {
            rest: text,
            left: 0,
            coded: self.coded,
            token: &mut self.token,
        }
    }
}

struct CodedStream<'a> {
    rest: &'a str,
    /// How often the present term is still to be said.
    left: u8,
    coded: bool,
    token: &'a mut Token,
}

impl TokenStream for CodedStream<'_> {
    fn advance(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return true;
        }
        if self.rest.is_empty() {
            return false;
        }
        let (term, rest) = self.rest.split_once(END).unwrap_or((self.rest, ""));
        self.rest = rest;
        let tier = if self.coded {
            term.bytes().next().map_or(1, |byte| byte - b'0')
        } else {
            1
        };
        self.left = tier.saturating_sub(1);
        self.token.text.clear();
        self.token.text.push_str(&term[usize::from(self.coded)..]);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
