//! How well an offer answers the words of a query: a short list of criteria, compared in order.
//!
//! 1. *words*: how many of the words asked for it has (they differ only after some were let go);
//! 2. *typos*: fewer is better;
//! 3. *proximity*: pairs of neighbouring words of the query that are neighbours in one of its names;
//! 4. *attribute*: title > creators > venue and town > genres, tags and categories > description, over the words;
//! 5. *exact*: the query is a whole name of it (its title before its creator…); then words as typed before plurals
//!    and stems before beginnings; then accents as typed; then the share of the title that the query covers.
//!
//! Criteria 1–4 are [`TextRank::coarse`]; the caller may set distance or popularity before the rest. Invariant: the rank is a
//! function of the query, the plan and the offer's own texts: other offers, filters and segments do not change it.

/// How one word of the query is met by one offer; greater is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grade(u8);

/// In what form a word was met; greater is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Form {
    Misspelt = 0,
    Beginning = 1,
    Family = 2,
    Exact = 3,
}

impl Grade {
    /// More than any index.
    pub(super) const COUNT: usize = 128;

    /// Not met.
    pub(super) const NONE: Self = Self(0);

    pub(super) fn new(typos: u8, tier: u8, form: Form) -> Self {
        Self(((3 - typos.min(2)) << 5) | (tier.min(7) << 2) | form as u8)
    }

    /// The same way of meeting in another attribute.
    pub(super) fn in_tier(self, tier: u32) -> Self {
        Self(self.0 | ((tier.min(7) as u8) << 2))
    }

    pub(super) fn is_met(self) -> bool {
        self.0 != 0
    }

    fn typos(self) -> u8 {
        3 - (self.0 >> 5)
    }

    /// The grade as a byte; none is 0.
    pub(super) fn byte(self) -> u8 {
        self.0
    }

    /// A grade read back.
    pub(super) fn of_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// A small number, different for different grades, below [`Self::COUNT`].
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn tier(self) -> u8 {
        (self.0 >> 2) & 7
    }

    fn form(self) -> u8 {
        self.0 & 3
    }
}

/// What the words of a query found in one offer, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) words: u8,
    typos: u8,
    tiers: u8,
    forms: u8,
    titles: u8,
    pub(super) pairs: u8,
    pub(super) accents: u8,
    pub(super) whole: u8,
}

impl Tally {
    pub(super) fn add(&mut self, grade: Grade) {
        if grade.is_met() {
            self.words += 1;
            self.typos += grade.typos();
            self.tiers += grade.tier();
            self.forms += grade.form();
            self.titles += u8::from(grade.tier() == 5);
        }
    }

    /// The criteria, given how many words of the offer's title count.
    pub(super) fn criteria(self, title_words: u8) -> Criteria {
        let share = |part: u8, scale: u16| {
            let words = u16::from(self.words.max(1));
            u8::try_from(u16::from(part) * scale / words).unwrap_or(u8::MAX)
        };
        let cover = u16::from(self.titles) * 15 / u16::from(title_words.max(1));
        Criteria {
            words: self.words,
            typos: self.typos,
            proximity: self.pairs,
            attribute: share(self.tiers, 4),
            whole: self.whole,
            exact: share(self.forms, 2),
            accents: self.accents.min(3),
            cover: u8::try_from(cover.min(15)).unwrap_or(15),
        }
    }
}

/// The criteria of one hit, by name: the explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Criteria {
    /// Words of the query that it has.
    pub words: u8,
    /// Typos in them.
    pub typos: u8,
    /// Neighbours of the query that are neighbours in a name.
    pub proximity: u8,
    /// 4 (all in the description) to 20 (all in the title).
    pub attribute: u8,
    /// The query is a whole name: 5 the title, 4 a creator, 3 venue or town, 2 a theme, 0 none.
    pub whole: u8,
    /// 6 all words as typed, 4 as plurals or stems, 2 as beginnings.
    pub exact: u8,
    /// Words with the accents as typed, up to three.
    pub accents: u8,
    /// The share of the title that the query covers, in fifteenths.
    pub cover: u8,
}

/// The criteria as one number: greater is better.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextRank(u32);

impl From<Criteria> for TextRank {
    fn from(criteria: Criteria) -> Self {
        let mut rank = 0;
        let mut add = |value: u8, bits: u32| rank = (rank << bits) | u32::from(value).min((1 << bits) - 1);
        add(criteria.words, 6);
        add(15 - criteria.typos.min(15), 4);
        add(criteria.proximity, 5);
        add(criteria.attribute, 5);
        add(criteria.whole, 3);
        add(criteria.exact, 3);
        add(criteria.accents, 2);
        add(criteria.cover, 4);
        Self(rank)
    }
}

impl TextRank {
    /// The rank of an offer that has the only word asked for, but for the share of its title.
    pub(super) fn of_one(grade: Grade, whole: u8, accents: u8) -> Self {
        let mut tally = Tally {
            whole,
            accents,
            ..Tally::default()
        };
        tally.add(grade);
        tally.criteria(u8::MAX).into()
    }

    /// The same with the share of its title that one word covers.
    pub(super) fn covering_one(self, grade: Grade, title_words: u8) -> Self {
        let cover = if grade.tier() == 5 { 15 / title_words.max(1) } else { 0 };
        Self(self.0 | u32::from(cover))
    }

    /// Criteria 1 to 4 alone, as one number.
    pub fn coarse(self) -> u32 {
        self.0 >> 12
    }

    /// The whole rank as a number.
    pub fn value(self) -> u32 {
        self.0
    }

    /// The rank read back as its criteria (each at most what its bits hold).
    pub fn criteria(self) -> Criteria {
        let mut rest = self.0;
        let mut take = |bits: u32| {
            let value = (rest & ((1 << bits) - 1)) as u8;
            rest >>= bits;
            value
        };
        let (cover, accents, exact, whole) = (take(4), take(2), take(3), take(3));
        let (attribute, proximity, typos, words) = (take(5), take(5), 15 - take(4), take(6));
        Criteria {
            words,
            typos,
            proximity,
            attribute,
            whole,
            exact,
            accents,
            cover,
        }
    }
}
