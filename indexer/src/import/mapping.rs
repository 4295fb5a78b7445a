//! The mapping of one source: which column becomes which field, and every rule on the way.
//!
//! Read from TOML before any data is; `indexer/mappings/README.md` documents the format. Invariant: a [`Mapping`] has
//! passed [`Mapping::from_toml`], so every reference to the taxonomy holds and no key was misspelt.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use florilege_engine::taxonomy::Taxonomy;
use serde::Deserialize;

mod check;
mod value;

pub use value::{Case, Names, OneOrMany, Text, Words};

/// Why a mapping is refused.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("cannot read the mapping {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the expected TOML: a syntax error, an unknown key, a wrong type.
    #[error("the mapping is not valid: {0}")]
    Format(#[from] toml::de::Error),
    /// Well formed, but it contradicts itself or the taxonomy.
    #[error("the mapping is not valid: {at}: {message}")]
    Rule {
        /// Where in the mapping.
        at: String,
        /// What is wrong and what would be right.
        message: String,
    },
}

/// All the rules of one source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Names the written file and the report: letters, digits, `-` and `_`.
    pub source: String,
    /// Whom to credit: source, licence, date.
    #[serde(default)]
    pub attribution: Option<String>,
    /// How the files are written.
    pub input: Input,
    /// Rows that are laid out otherwise.
    #[serde(default)]
    pub variant: Vec<Variant>,
    /// Rows that are no subject of this import.
    #[serde(default)]
    pub exclude: Vec<Exclude>,
    /// Tables whose columns are joined to every row.
    #[serde(default)]
    pub lookup: Vec<Lookup>,
    /// The venue of a row.
    #[serde(default)]
    pub venue: Option<VenueRules>,
    /// The offer of a row.
    #[serde(default)]
    pub offer: Option<OfferRules>,
    /// How an offer gets its subcategory.
    #[serde(default)]
    pub classify: Option<Classify>,
    /// Venues that each work is offered at.
    #[serde(default)]
    pub spread: Vec<Spread>,
}

/// What a file is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Separated values, quoted or not.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// A JSON object a line.
    Jsonl,
    /// One JSON array of objects.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC (Feather).
    Ipc,
}

/// How the bytes of a text file are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8; a row that is not is read as Windows-1252 and counted.
    #[default]
    Auto,
    /// UTF-8; a row that is not is dropped.
    #[serde(alias = "utf-8")]
    Utf8,
    /// Latin-1, read as Windows-1252, its superset in print.
    #[serde(alias = "latin-1", alias = "windows-1252")]
    Latin1,
}

/// How the files of a source are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What they are made of.
    pub format: Format,
    /// One character; guessed from the header where absent.
    #[serde(default)]
    pub separator: Option<String>,
    /// One character; empty for a file without quoting.
    #[serde(default)]
    pub quote: Option<String>,
    /// The encoding of text.
    #[serde(default)]
    pub encoding: Encoding,
    /// Names of the columns, for a file that has no header.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// Lines before the header.
    #[serde(default)]
    pub skip_lines: usize,
    /// Cells that say nothing, such as `-` or `NC`; an empty one always does.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A test of one column of a row. Every given key must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The column.
    pub column: String,
    /// The cell is one of these.
    #[serde(default)]
    pub is: Option<Vec<String>>,
    /// The cell is none of these.
    #[serde(default)]
    pub not: Option<Vec<String>>,
    /// The cell holds one of these words or phrases.
    #[serde(default)]
    pub contains: Option<Vec<String>>,
    /// The cell holds none of these words or phrases.
    #[serde(default)]
    pub lacks: Option<Vec<String>>,
    /// The cell begins with one of these.
    #[serde(default)]
    pub starts_with: Option<Vec<String>>,
    /// The cell ends with one of these.
    #[serde(default)]
    pub ends_with: Option<Vec<String>>,
    /// The cell is empty, or is not.
    #[serde(default)]
    pub empty: Option<bool>,
}

/// A repair of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// Library records whose accents stand before their letter (`Sociâetâe`).
    Iso5426,
    /// UTF-8 that was once read as Latin-1 (`SociÃ©tÃ©`).
    Mojibake,
}

/// Rows laid out otherwise than the header says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Which rows.
    pub when: When,
    /// What their cells are called, in order.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// How their text is mended.
    #[serde(default)]
    pub repair: Vec<Repair>,
}

/// Rows that are kept out, with the reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// Which rows.
    pub when: OneOrMany<When>,
    /// The reason in the report.
    pub reason: String,
}

/// A table whose columns are joined to the rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Names it for `--with NAME=FILE`.
    pub name: String,
    /// Where it is, from the folder of the first input file.
    pub file: String,
    /// How it is written.
    pub input: Input,
    /// What of a row is looked up.
    pub key: Text,
    /// The column of the table that it must equal.
    pub table_key: String,
    /// Column of the table → name of the new column.
    pub columns: BTreeMap<String, String>,
    /// Whether the import goes on without the table.
    #[serde(default)]
    pub optional: bool,
}

/// How an identifier is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdStyle {
    /// The cells as they are.
    #[default]
    Plain,
    /// Lower case letters and digits without accents, joined by `-`.
    Slug,
    /// Sixteen hexadecimal digits of a stable hash of the cells without case and accents.
    Hash,
}

/// An identifier: a prefix, then cells.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdRule {
    /// Stands first.
    #[serde(default)]
    pub prefix: String,
    /// The parts; the first must not be empty.
    pub from: OneOrMany<Text>,
    /// How the parts are written.
    #[serde(default)]
    pub style: IdStyle,
}

/// Which order two coordinates of one cell have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairOrder {
    /// Latitude first.
    #[default]
    LatLng,
    /// Longitude first.
    LngLat,
}

/// Where points must lie: a name or boxes of `[south, west, north, east]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Within {
    /// `"france"`: the mainland, Corsica, and every part overseas.
    Named(String),
    /// Boxes in degrees.
    Boxes(Vec<[f64; 4]>),
}

/// A point from one or two columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionRule {
    /// The column of latitudes.
    #[serde(default)]
    pub lat: Option<String>,
    /// The column of longitudes.
    #[serde(default)]
    pub lng: Option<String>,
    /// The column that holds both.
    #[serde(default)]
    pub pair: Option<String>,
    /// The order in `pair`.
    #[serde(default)]
    pub order: PairOrder,
    /// Bounds by which swapped and impossible points are known.
    #[serde(default)]
    pub within: Option<Within>,
    /// How true the point is (`event`, `commune`…): written to the attribute `geo`.
    #[serde(default)]
    pub precision: Option<Text>,
}

/// How a row becomes a venue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VenueRules {
    /// Its identifier.
    pub id: IdRule,
    /// Its name; a row without one has no venue.
    pub name: Text,
    /// Its kind.
    #[serde(default)]
    pub kind: Option<Text>,
    /// Where it stands; the first that gives a point.
    #[serde(default)]
    pub position: OneOrMany<PositionRule>,
    /// Street and number.
    #[serde(default)]
    pub address: Option<Text>,
    /// The town.
    #[serde(default)]
    pub city: Option<Text>,
    /// The postal code.
    #[serde(default)]
    pub postal_code: Option<Text>,
    /// The department's code.
    #[serde(default)]
    pub department: Option<Text>,
    /// Territories.
    #[serde(default)]
    pub territories: Option<Words>,
    /// Labels of the taxonomy.
    #[serde(default)]
    pub labels: Option<Words>,
    /// IANA name.
    #[serde(default)]
    pub time_zone: Option<Text>,
    /// Passed through.
    #[serde(default)]
    pub attributes: BTreeMap<String, Text>,
    /// A column that says how many such venues the row stands for; their number is the column `#`.
    #[serde(default)]
    pub repeat: Option<String>,
}

/// What happens to a second row of the same identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It is dropped and counted.
    #[default]
    Drop,
    /// It is the same work again: lists are united, the highest popularity stands.
    Merge,
}

/// Which of several prices stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The full price where one is named, else the lowest that is no reduction.
    #[default]
    Full,
    /// The lowest of all.
    Lowest,
    /// The highest of all.
    Highest,
}

/// The unit of a price that names none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Euros.
    #[default]
    Euro,
    /// Cents.
    Cents,
}

/// A price in figures or words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRule {
    /// The column.
    pub column: String,
    /// The unit of a bare number.
    #[serde(default)]
    pub unit: Unit,
    /// Which of several stands.
    #[serde(default)]
    pub choose: Choose,
    /// A clause with one of these words is not about the price of entry.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// When it takes place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateRules {
    /// The column of the first moment.
    #[serde(default)]
    pub begin: Option<String>,
    /// The column of the last moment.
    #[serde(default)]
    pub end: Option<String>,
    /// A column of several moments.
    #[serde(default)]
    pub list: Option<String>,
    /// What separates them.
    #[serde(default)]
    pub separator: Option<String>,
    /// Further formats, as of `strftime`, tried before the built-in ones.
    #[serde(default)]
    pub formats: Vec<String>,
    /// The zone of a time that has no offset.
    #[serde(default = "paris")]
    pub time_zone: String,
    /// Whether a row without a date is dropped.
    #[serde(default)]
    pub required: bool,
}

fn paris() -> String {
    "Europe/Paris".into()
}

/// Who may come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRules {
    /// The column of the youngest age.
    #[serde(default)]
    pub min: Option<String>,
    /// The column of the oldest age.
    #[serde(default)]
    pub max: Option<String>,
    /// An oldest age from here on is no limit.
    #[serde(default = "open_age")]
    pub open_from: u8,
}

const fn open_age() -> u8 {
    99
}

/// A true popularity: a count over a period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopularityRule {
    /// The column.
    pub column: String,
    /// The days that the count covers.
    pub period_days: f64,
}

/// How a row becomes an offer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRules {
    /// Its identifier; with `spread`, the venue's follows after `@`.
    pub id: IdRule,
    /// The work; the offer itself where absent.
    #[serde(default)]
    pub item_id: Option<IdRule>,
    /// Its title.
    pub title: Text,
    /// Its description; several are joined by an empty line.
    #[serde(default)]
    pub description: OneOrMany<Text>,
    /// Genres.
    #[serde(default)]
    pub genres: OneOrMany<Words>,
    /// Creators.
    #[serde(default)]
    pub creators: OneOrMany<Words>,
    /// Tags.
    #[serde(default)]
    pub tags: OneOrMany<Words>,
    /// Labels of the taxonomy.
    #[serde(default)]
    pub labels: OneOrMany<Words>,
    /// Where it takes place; the first that gives a point.
    #[serde(default)]
    pub position: OneOrMany<PositionRule>,
    /// Its price.
    #[serde(default)]
    pub price: Option<PriceRule>,
    /// Its dates.
    #[serde(default)]
    pub dates: Option<DateRules>,
    /// Its ages.
    #[serde(default)]
    pub ages: Option<AgeRules>,
    /// Its language.
    #[serde(default)]
    pub language: Option<Text>,
    /// Its picture.
    #[serde(default)]
    pub image_url: Option<Text>,
    /// Its popularity.
    #[serde(default)]
    pub popularity: Option<PopularityRule>,
    /// Passed through.
    #[serde(default)]
    pub attributes: BTreeMap<String, Text>,
    /// What becomes of a second row of the same identifier.
    #[serde(default)]
    pub duplicates: Duplicates,
}

/// How an offer gets its subcategory: the first rule that holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classify {
    /// The columns that a rule looks into unless it names its own.
    #[serde(default)]
    pub text: Vec<String>,
    /// For a row that no rule takes; where absent, such a row is kept out as unclassified.
    #[serde(default)]
    pub default: Option<String>,
    /// The rules, in order.
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// One rule of classification. Every given key must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it gives; absent with `drop`.
    #[serde(default)]
    pub subcategory: Option<String>,
    /// Instead: kept out, with this reason.
    #[serde(default)]
    pub drop: Option<String>,
    /// One of these words or phrases stands in the text.
    #[serde(default)]
    pub any: Vec<String>,
    /// All of these do.
    #[serde(default)]
    pub all: Vec<String>,
    /// None of these does.
    #[serde(default)]
    pub none: Vec<String>,
    /// The columns it looks into.
    #[serde(default, rename = "in")]
    pub columns: Vec<String>,
    /// A test of one column.
    #[serde(default)]
    pub when: Option<OneOrMany<When>>,
    /// Tags that it adds.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Genres that it adds.
    #[serde(default)]
    pub genres: Vec<String>,
}

/// Venues of another source, at each of which each work is offered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Names it for `--with NAME=FILE`.
    pub name: String,
    /// The mapping of that source, from the folder of this one.
    pub mapping: String,
    /// Its file, from the folder of the first input file.
    pub file: String,
    /// Only venues of these kinds.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Only venues whose attribute is one of these values.
    #[serde(default)]
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl Mapping {
    /// Reads and checks a mapping file.
    pub fn open(path: &Path, taxonomy: &Taxonomy) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path).map_err(|source| MappingError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_toml(&text, taxonomy)
    }

    /// Reads and checks a mapping.
    pub fn from_toml(text: &str, taxonomy: &Taxonomy) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text)?;
        mapping.check(taxonomy)?;
        Ok(mapping)
    }
}
