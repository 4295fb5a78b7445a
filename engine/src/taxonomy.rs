//! The taxonomy: categories, subcategories, search groups and labels, as data that a programme can replace.
//!
//! Every offer names a subcategory; category, kind, cap and duo rules follow from it. Invariant: a [`Taxonomy`] is
//! consistent (every reference resolves, keys are unique), so look-ups by index cannot fail.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

const BUILT_IN: &str = include_str!("../data/taxonomy.toml");

/// How an offer reaches the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Online.
    Digital,
    /// At a place and a time.
    Event,
    /// A thing, or an open door.
    Physical,
}

impl Kind {
    /// Every kind, in index order.
    pub const ALL: [Self; 3] = [Self::Digital, Self::Event, Self::Physical];

    /// The kind as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digital => "digital",
            Self::Event => "event",
            Self::Physical => "physical",
        }
    }
}

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u8);

        impl $name {
            /// The dense number, for arrays.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index! {
    /// The dense number of a category.
    CategoryIx
}
index! {
    /// The dense number of a subcategory.
    SubcategoryIx
}
index! {
    /// The dense number of a search group.
    SearchGroupIx
}

/// Something with a key and a name in two languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The key that stands in JSON.
    pub key: String,
    /// The French name.
    pub fr: String,
    /// The English name; the French one where absent.
    #[serde(default)]
    pub en: Option<String>,
}

/// Where a subcategory is consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Online only.
    Online,
    /// At a place.
    Offline,
    /// Both.
    Either,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubcategory {
    key: String,
    category: String,
    search_group: Option<String>,
    fr: String,
    en: Option<String>,
    platform: Platform,
    #[serde(default)]
    event: bool,
    #[serde(default)]
    digital_cap: bool,
    #[serde(default)]
    physical_cap: bool,
    #[serde(default)]
    duo: bool,
    #[serde(default)]
    minors_free: bool,
    #[serde(default)]
    minors_paid: bool,
    #[serde(default)]
    selectable: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    labels: Vec<String>,
    category: Vec<Named>,
    #[serde(default)]
    search_group: Vec<Named>,
    subcategory: Vec<RawSubcategory>,
}

/// One subcategory with its flags.
#[derive(Debug, Clone)]
pub struct Subcategory {
    /// Key and names.
    pub named: Named,
    /// Its category.
    pub category: CategoryIx,
    /// Its search group; technical ones have none.
    pub search_group: Option<SearchGroupIx>,
    /// Online, event or physical.
    pub kind: Kind,
    /// Whether it counts to the cap on digital offers.
    pub digital_cap: bool,
    /// Whether it counts to a cap on physical goods.
    pub physical_cap: bool,
    /// Whether two seats can be booked at once.
    pub duo: bool,
    /// Whether a minor may book it when it is free.
    pub minors_free: bool,
    /// Whether a minor may book it when it is not.
    pub minors_paid: bool,
    /// Whether a new offer may be created in it.
    pub selectable: bool,
}

/// Why a taxonomy file is refused.
#[derive(Debug, thiserror::Error)]
pub enum TaxonomyError {
    /// Not the expected TOML.
    #[error("the taxonomy is not valid: {0}")]
    Format(#[from] toml::de::Error),
    /// One key stands twice.
    #[error("the {what} {key:?} stands twice in the taxonomy")]
    Duplicate {
        /// Category, subcategory, search group or label.
        what: &'static str,
        /// The key.
        key: String,
    },
    /// A subcategory names something that is not declared.
    #[error("the subcategory {subcategory:?} names the {what} {key:?}, which the taxonomy does not declare")]
    Dangling {
        /// The subcategory at fault.
        subcategory: String,
        /// Category or search group.
        what: &'static str,
        /// The key that does not resolve.
        key: String,
    },
    /// A key that is not upper or lower case letters, digits and underscores.
    #[error("the key {0:?} is not made of letters, digits, '_' and '-'")]
    Key(String),
    /// Nothing, or more than an index can number.
    #[error("a taxonomy has 1 to 255 {0}")]
    Count(&'static str),
}

/// A consistent taxonomy.
#[derive(Debug)]
pub struct Taxonomy {
    categories: Vec<Named>,
    search_groups: Vec<Named>,
    subcategories: Vec<Subcategory>,
    labels: Vec<String>,
    by_key: HashMap<String, SubcategoryIx>,
}

impl Taxonomy {
    /// The pass Culture's: 15 categories, 73 subcategories.
    ///
    /// # Panics
    /// Never in a tested build: the text is part of the program, and a test reads it.
    #[expect(
        clippy::expect_used,
        reason = "the built-in text is compiled in and checked by a test"
    )]
    pub fn built_in() -> Self {
        Self::from_toml(BUILT_IN).expect("the built-in taxonomy is consistent")
    }

    /// Reads and checks a taxonomy file.
    pub fn from_toml(text: &str) -> Result<Self, TaxonomyError> {
        let raw: Raw = toml::from_str(text)?;
        let categories = numbered(&raw.category, "category", "categories")?;
        let search_groups = if raw.search_group.is_empty() {
            HashMap::new()
        } else {
            numbered(&raw.search_group, "search group", "search groups")?
        };
        unique(raw.labels.iter().map(String::as_str), "label")?;
        unique(raw.subcategory.iter().map(|s| s.key.as_str()), "subcategory")?;
        counted(raw.subcategory.len(), "subcategories")?;
        let subcategories = raw
            .subcategory
            .into_iter()
            .map(|sub| resolve(sub, &categories, &search_groups))
            .collect::<Result<Vec<_>, _>>()?;
        let by_key = subcategories
            .iter()
            .zip(0u8..)
            .map(|(sub, n)| (sub.named.key.clone(), SubcategoryIx(n)))
            .collect();
        Ok(Self {
            categories: raw.category,
            search_groups: raw.search_group,
            subcategories,
            labels: raw.labels,
            by_key,
        })
    }

    /// The subcategory of a key.
    pub fn find(&self, key: &str) -> Option<SubcategoryIx> {
        self.by_key.get(key).copied()
    }

    /// The subcategory of a dense number.
    pub fn subcategory(&self, ix: SubcategoryIx) -> &Subcategory {
        &self.subcategories[ix.index()]
    }

    /// The category of a dense number.
    pub fn category(&self, ix: CategoryIx) -> &Named {
        &self.categories[ix.index()]
    }

    /// The search group of a dense number.
    pub fn search_group(&self, ix: SearchGroupIx) -> &Named {
        &self.search_groups[ix.index()]
    }

    /// The category of a key.
    pub fn find_category(&self, key: &str) -> Option<CategoryIx> {
        self.categories
            .iter()
            .zip(0u8..)
            .find(|(named, _)| named.key == key)
            .map(|(_, n)| CategoryIx(n))
    }

    /// The search group of a key.
    pub fn find_search_group(&self, key: &str) -> Option<SearchGroupIx> {
        self.search_groups
            .iter()
            .zip(0u8..)
            .find(|(named, _)| named.key == key)
            .map(|(_, n)| SearchGroupIx(n))
    }

    /// Every category with its number.
    pub fn categories(&self) -> impl Iterator<Item = (CategoryIx, &Named)> {
        self.categories
            .iter()
            .zip(0u8..)
            .map(|(named, n)| (CategoryIx(n), named))
    }

    /// Every search group with its number.
    pub fn search_groups(&self) -> impl Iterator<Item = (SearchGroupIx, &Named)> {
        self.search_groups
            .iter()
            .zip(0u8..)
            .map(|(named, n)| (SearchGroupIx(n), named))
    }

    /// Every subcategory with its number.
    pub fn subcategories(&self) -> impl Iterator<Item = (SubcategoryIx, &Subcategory)> {
        self.subcategories
            .iter()
            .zip(0u8..)
            .map(|(sub, n)| (SubcategoryIx(n), sub))
    }

    /// The labels that an offer or a venue may carry.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }
}

fn resolve(
    raw: RawSubcategory,
    categories: &HashMap<String, u8>,
    search_groups: &HashMap<String, u8>,
) -> Result<Subcategory, TaxonomyError> {
    let dangling = |what, key: &str| TaxonomyError::Dangling {
        subcategory: raw.key.clone(),
        what,
        key: key.into(),
    };
    let category = *categories
        .get(&raw.category)
        .ok_or_else(|| dangling("category", &raw.category))?;
    let search_group = match &raw.search_group {
        Some(key) => Some(SearchGroupIx(
            *search_groups.get(key).ok_or_else(|| dangling("search group", key))?,
        )),
        None => None,
    };
    let kind = match (raw.platform, raw.event) {
        (Platform::Online, _) => Kind::Digital,
        (Platform::Offline | Platform::Either, true) => Kind::Event,
        (Platform::Offline | Platform::Either, false) => Kind::Physical,
    };
    Ok(Subcategory {
        named: Named {
            key: raw.key,
            fr: raw.fr,
            en: raw.en,
        },
        category: CategoryIx(category),
        search_group,
        kind,
        digital_cap: raw.digital_cap,
        physical_cap: raw.physical_cap,
        duo: raw.duo,
        minors_free: raw.minors_free,
        minors_paid: raw.minors_paid,
        selectable: raw.selectable,
    })
}

fn numbered(named: &[Named], what: &'static str, plural: &'static str) -> Result<HashMap<String, u8>, TaxonomyError> {
    counted(named.len(), plural)?;
    unique(named.iter().map(|n| n.key.as_str()), what)?;
    Ok(named.iter().zip(0u8..).map(|(n, ix)| (n.key.clone(), ix)).collect())
}

fn counted(count: usize, plural: &'static str) -> Result<(), TaxonomyError> {
    if (1..=255).contains(&count) {
        Ok(())
    } else {
        Err(TaxonomyError::Count(plural))
    }
}

fn unique<'a>(keys: impl Iterator<Item = &'a str>, what: &'static str) -> Result<(), TaxonomyError> {
    let mut seen = std::collections::HashSet::new();
    for key in keys {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if key.is_empty() || !key.chars().all(plain) {
            return Err(TaxonomyError::Key(key.into()));
        }
        if !seen.insert(key) {
            return Err(TaxonomyError::Duplicate { what, key: key.into() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
