//! Words: titles and sentences out of templates, with French elision and contraction.
//!
//! Invariant: only the placeholders of [`Fill`] stand in braces, and each is replaced.

use super::works::{Pool, Work};

/// What the placeholders of a template stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill<'a> {
    pub(super) work: &'a Work,
    pub(super) town: &'a str,
}

impl Fill<'_> {
    /// The template with every placeholder replaced.
    pub(super) fn render(&self, template: &str) -> String {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            self.push(name, &mut out);
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn push(&self, name: &str, out: &mut String) {
        let creator = self.work.creator.unwrap_or_default();
        match name {
            "title" => out.push_str(&self.work.title),
            "other" => out.push_str(self.work.other.as_deref().unwrap_or_default()),
            "creator" => out.push_str(creator),
            "de_creator" => out.push_str(&of(creator)),
            "genre" => out.push_str(&self.work.genre.to_lowercase()),
            "year" => out.push_str(&self.work.year),
            "town" => out.push_str(self.town),
            "de_town" => out.push_str(&of_town(self.town)),
            _ => {}
        }
    }
}

/// Whether a template needs what this work does not have.
pub(super) fn lacks(work: &Work, template: &str) -> bool {
    work.other.is_none() && template.contains("{other}")
}

/// One sentence of what is true of a work.
pub(super) fn fact(work: &Work, pool: Option<Pool>) -> String {
    let (Some(creator), Some(pool)) = (work.creator, pool) else {
        return format!("{} : {}.", work.title, work.note);
    };
    let noun = pool.noun(&work.genre);
    let year = match (pool, work.year.as_str()) {
        (_, "") => String::new(),
        (Pool::Films, year) => format!(" ({year}, {})", work.genre.to_lowercase()),
        (_, year) => format!(" ({year})"),
    };
    if pool == Pool::BooksEn {
        format!("{noun} by {creator}{year}: {}.", work.note)
    } else {
        format!("{noun} {}{year} : {}.", of(creator), work.note)
    }
}

/// "de Molière", "d'Émile Zola", "d'Honoré de Balzac".
pub(super) fn of(name: &str) -> String {
    let mute_h = [
        "Hector",
        "Henri",
        "Henry",
        "Herman",
        "Hilma",
        "Hippolyte",
        "Homère",
        "Honoré",
        "Hyères",
        "Hélène",
    ];
    let first = name.split([' ', '-']).next().unwrap_or_default();
    let elides = name.starts_with(|c: char| "AEIOUÀÂÉÈÊÎÔŒaeiouàâéèêîôœ".contains(c));
    if elides || mute_h.contains(&first) {
        format!("d'{name}")
    } else {
        format!("de {name}")
    }
}

/// "de Dinan", "d'Aurillac", "du Havre", "des Sables-d'Olonne", "de La Rochelle".
pub(super) fn of_town(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("Le ") {
        format!("du {rest}")
    } else if let Some(rest) = name.strip_prefix("Les ") {
        format!("des {rest}")
    } else {
        of(name)
    }
}
