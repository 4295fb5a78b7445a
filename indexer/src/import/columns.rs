//! Which columns a mapping speaks of, to tell a file of another shape before its rows are read as empty.
//!
//! Invariant: a column that a mapping names anywhere is in [`Mapping::columns`].

use std::collections::BTreeSet;
use std::path::Path;

use super::ImportError;
use super::mapping::{IdRule, Mapping, OneOrMany, PositionRule, Text, When, Words};
use super::read::RawTable;

type Names = BTreeSet<String>;

impl Mapping {
    /// Every column that the mapping reads, but for those of variants.
    pub(super) fn columns(&self) -> Names {
        let mut names = Names::new();
        for lookup in &self.lookup {
            of_text(&lookup.key, &mut names);
        }
        for when in self.exclude.iter().flat_map(|exclude| &exclude.when.0) {
            of_when(when, &mut names);
        }
        self.venue_columns(&mut names);
        self.offer_columns(&mut names);
        for rule in self.classify.iter().flat_map(|classify| &classify.rule) {
            names.extend(rule.columns.iter().cloned());
            rule.when
                .iter()
                .flat_map(|many| &many.0)
                .for_each(|when| of_when(when, &mut names));
        }
        names.extend(self.classify.iter().flat_map(|classify| classify.text.clone()));
        names.remove("#");
        names
    }

    fn venue_columns(&self, names: &mut Names) {
        let Some(venue) = &self.venue else { return };
        of_id(&venue.id, names);
        let optional = [
            &venue.kind,
            &venue.address,
            &venue.city,
            &venue.postal_code,
            &venue.department,
            &venue.time_zone,
        ];
        let texts = std::iter::once(&venue.name)
            .chain(optional.into_iter().flatten())
            .chain(venue.attributes.values());
        texts.for_each(|text| of_text(text, names));
        venue.position.0.iter().for_each(|rule| of_position(rule, names));
        for words in [&venue.territories, &venue.labels].into_iter().flatten() {
            names.extend(words.column.clone());
        }
        names.extend(venue.repeat.clone());
    }

    fn offer_columns(&self, names: &mut Names) {
        let Some(offer) = &self.offer else { return };
        of_id(&offer.id, names);
        offer.item_id.iter().for_each(|id| of_id(id, names));
        let optional = [&offer.language, &offer.image_url].into_iter().flatten();
        let texts = std::iter::once(&offer.title)
            .chain(&offer.description.0)
            .chain(optional);
        texts
            .chain(offer.attributes.values())
            .for_each(|text| of_text(text, names));
        for words in [&offer.genres, &offer.creators, &offer.tags, &offer.labels] {
            of_words(words, names);
        }
        offer.position.0.iter().for_each(|rule| of_position(rule, names));
        names.extend(offer.price.as_ref().map(|rule| rule.column.clone()));
        names.extend(offer.popularity.as_ref().map(|rule| rule.column.clone()));
        if let Some(dates) = &offer.dates {
            names.extend([&dates.begin, &dates.end, &dates.list].into_iter().flatten().cloned());
        }
        if let Some(ages) = &offer.ages {
            names.extend([&ages.min, &ages.max].into_iter().flatten().cloned());
        }
    }

    /// Refuses a file that has none of the columns that an identifier, a title or a name is made of.
    pub(super) fn require_columns(&self, path: &Path, table: &RawTable) -> Result<(), ImportError> {
        if table.rows.is_empty() {
            return Ok(());
        }
        let named = |collect: &dyn Fn(&mut Names)| {
            let mut names = Names::new();
            collect(&mut names);
            names.remove("#");
            names
        };
        let mut wanted = Vec::new();
        if let Some(offer) = &self.offer {
            wanted.push(("the identifier", named(&|names| of_id(&offer.id, names))));
            wanted.push(("the title", named(&|names| of_text(&offer.title, names))));
        } else if let Some(venue) = &self.venue {
            wanted.push(("the identifier", named(&|names| of_id(&venue.id, names))));
            wanted.push(("the name", named(&|names| of_text(&venue.name, names))));
        }
        for (field, names) in wanted {
            let any = names.iter().any(|name| table.columns.contains(name));
            if !names.is_empty() && !any && self.lookup.is_empty() {
                return Err(ImportError::Columns {
                    file: path.display().to_string(),
                    field,
                    wanted: names.into_iter().collect::<Vec<_>>().join(", "),
                    has: table.columns.join(", "),
                });
            }
        }
        Ok(())
    }
}

fn of_text(text: &Text, names: &mut Names) {
    names.extend(text.column.iter().chain(&text.columns).cloned());
    let template = text.template.as_deref().unwrap_or("");
    names.extend(
        template
            .split('{')
            .skip(1)
            .filter_map(|part| Some(part.split_once('}')?.0.to_owned())),
    );
}

fn of_words(words: &OneOrMany<Words>, names: &mut Names) {
    names.extend(words.0.iter().filter_map(|rule| rule.column.clone()));
}

fn of_id(id: &IdRule, names: &mut Names) {
    id.from.0.iter().for_each(|part| of_text(part, names));
}

fn of_position(rule: &PositionRule, names: &mut Names) {
    names.extend([&rule.lat, &rule.lng, &rule.pair].into_iter().flatten().cloned());
    rule.precision.iter().for_each(|precision| of_text(precision, names));
}

fn of_when(when: &When, names: &mut Names) {
    names.insert(when.column.clone());
}
