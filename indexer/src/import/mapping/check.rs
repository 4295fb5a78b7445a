//! What a mapping must hold beyond its shape: references to the taxonomy, rules that contradict each other.
//!
//! It runs before any file is opened. Invariant: a mapping that passes cannot fail later for a reason of its own.

use florilege_engine::taxonomy::Taxonomy;

use super::{
    Classify, DateRules, Input, Mapping, MappingError, OfferRules, PositionRule, Text, VenueRules, When, Within,
};

type Checked = Result<(), MappingError>;

fn require(holds: bool, at: &str, message: impl FnOnce() -> String) -> Checked {
    if holds {
        return Ok(());
    }
    Err(MappingError::Rule {
        at: at.into(),
        message: message(),
    })
}

impl Mapping {
    pub(super) fn check(&self, taxonomy: &Taxonomy) -> Checked {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        require(
            !self.source.is_empty() && self.source.chars().all(plain),
            "source",
            || "letters, digits, '-' and '_' alone: it names the written file".into(),
        )?;
        require(self.venue.is_some() || self.offer.is_some(), "offer", || {
            "a mapping makes offers ([offer]), venues ([venue]) or both".into()
        })?;
        check_input(&self.input, "input")?;
        for lookup in &self.lookup {
            check_input(&lookup.input, "lookup.input")?;
            check_text(&lookup.key, "lookup.key")?;
        }
        for variant in &self.variant {
            check_when(&variant.when, "variant.when")?;
        }
        for exclude in &self.exclude {
            exclude
                .when
                .0
                .iter()
                .try_for_each(|when| check_when(when, "exclude.when"))?;
        }
        self.venue.as_ref().map_or(Ok(()), VenueRules::check)?;
        self.offer.as_ref().map_or(Ok(()), OfferRules::check)?;
        self.check_classify(taxonomy)?;
        require(
            self.spread.is_empty() || (self.offer.is_some() && self.venue.is_none()),
            "spread",
            || "spread gives every offer its venues, so it wants [offer] and no [venue]".into(),
        )
    }

    fn check_classify(&self, taxonomy: &Taxonomy) -> Checked {
        match (&self.offer, &self.classify) {
            (Some(_), None) => require(false, "classify", || {
                "an offer needs a subcategory: rules, a default, or both".into()
            }),
            (_, Some(classify)) => classify.check(taxonomy),
            (None, None) => Ok(()),
        }
    }
}

impl Classify {
    fn check(&self, taxonomy: &Taxonomy) -> Checked {
        let known = |key: &str, at: &str| {
            require(taxonomy.find(key).is_some(), at, || {
                format!("the taxonomy has no subcategory {key:?}")
            })
        };
        if let Some(default) = &self.default {
            known(default, "classify.default")?;
        }
        for (place, rule) in self.rule.iter().enumerate() {
            let at = format!("classify.rule[{place}]");
            require(rule.subcategory.is_some() != rule.drop.is_some(), &at, || {
                "a rule has either subcategory or drop".into()
            })?;
            if let Some(key) = &rule.subcategory {
                known(key, &at)?;
            }
            let looks = !rule.any.is_empty() || !rule.all.is_empty() || !rule.none.is_empty();
            require(looks || rule.when.is_some(), &at, || {
                "a rule needs any, all, none or when; what takes every row is classify.default".into()
            })?;
            require(!looks || !rule.columns.is_empty() || !self.text.is_empty(), &at, || {
                "which columns? name them in classify.text or in the rule's in".into()
            })?;
            for when in rule.when.iter().flat_map(|many| &many.0) {
                check_when(when, &at)?;
            }
        }
        Ok(())
    }
}

impl VenueRules {
    fn check(&self) -> Checked {
        require(!self.id.from.0.is_empty(), "venue.id.from", || {
            "names at least one column".into()
        })?;
        check_text(&self.name, "venue.name")?;
        self.position
            .0
            .iter()
            .try_for_each(|rule| check_position(rule, "venue.position"))
    }
}

impl OfferRules {
    fn check(&self) -> Checked {
        require(!self.id.from.0.is_empty(), "offer.id.from", || {
            "names at least one column".into()
        })?;
        check_text(&self.title, "offer.title")?;
        self.position
            .0
            .iter()
            .try_for_each(|rule| check_position(rule, "offer.position"))?;
        if let Some(popularity) = &self.popularity {
            let days = popularity.period_days;
            require(days.is_finite() && days > 0.0, "offer.popularity.period_days", || {
                "a number of days above 0".into()
            })?;
        }
        self.dates.as_ref().map_or(Ok(()), DateRules::check)
    }
}

impl DateRules {
    fn check(&self) -> Checked {
        let named = self.begin.is_some() || self.end.is_some() || self.list.is_some();
        require(named, "offer.dates", || "names begin, end or list".into())?;
        require(
            jiff::tz::db().get(&self.time_zone).is_ok(),
            "offer.dates.time_zone",
            || format!("{:?} is no IANA time zone", self.time_zone),
        )
    }
}

fn check_input(input: &Input, at: &str) -> Checked {
    for (text, key, least) in [(&input.separator, "separator", 1), (&input.quote, "quote", 0)] {
        let fits = text.as_ref().is_none_or(|t| (least..=1).contains(&t.len()));
        require(fits, &format!("{at}.{key}"), || "one ASCII character".into())?;
    }
    Ok(())
}

fn check_when(when: &When, at: &str) -> Checked {
    let tests = [
        &when.is,
        &when.not,
        &when.contains,
        &when.lacks,
        &when.starts_with,
        &when.ends_with,
    ];
    let any = tests.iter().any(|test| test.is_some()) || when.empty.is_some();
    require(any, at, || {
        "a test has is, not, contains, lacks, starts_with, ends_with or empty".into()
    })
}

fn check_text(text: &Text, at: &str) -> Checked {
    let sources = [
        text.column.is_some(),
        !text.columns.is_empty(),
        text.constant.is_some(),
        text.template.is_some(),
    ];
    let given = sources.iter().filter(|given| **given).count();
    require(given == 1, at, || {
        "one of column, columns, constant and template".into()
    })
}

fn check_position(rule: &PositionRule, at: &str) -> Checked {
    let two = rule.lat.is_some() && rule.lng.is_some();
    let neither = rule.lat.is_none() && rule.lng.is_none();
    require(
        (two && rule.pair.is_none()) || (neither && rule.pair.is_some()),
        at,
        || "either lat and lng, or pair".into(),
    )?;
    match &rule.within {
        Some(Within::Named(name)) => require(name == "france", at, || {
            format!("within is \"france\" or boxes of [south, west, north, east], not {name:?}")
        }),
        Some(Within::Boxes(boxes)) => require(
            !boxes.is_empty() && boxes.iter().all(|[s, w, n, e]| s <= n && w <= e),
            at,
            || "a box is [south, west, north, east]".into(),
        ),
        None => Ok(()),
    }
}
