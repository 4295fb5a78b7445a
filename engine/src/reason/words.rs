//! The sentences of the reasons, in French and English.
//!
//! Invariant: a sentence says what the offer's columns, the request or the reader's own acts hold, and nothing else; of
//! a reader of whom a liking is only supposed it does not say "you like".

use super::Language;
use crate::catalogue::row::OfferRow;
use crate::editorial::visitor::stands_in;
use crate::filter::Candidate;
use crate::geo::Metres;
use crate::pipeline::Query;
use crate::reader::member::Member;
use crate::score::editorial;
use crate::taxonomy::{CategoryIx, Named};

/// A venue of at most so many offers is called small.
const SMALL: usize = 20;

/// Sentences for one query.
pub(super) struct Words<'q, 'a> {
    query: &'q Query<'a>,
    language: Language,
}

impl<'q, 'a> Words<'q, 'a> {
    pub(super) fn new(query: &'q Query<'a>) -> Self {
        let language = query.request.context.language.unwrap_or_default();
        Self { query, language }
    }

    fn say(&self, french: impl Into<String>, english: impl Into<String>) -> String {
        match self.language {
            Language::Fr => french.into(),
            Language::En => english.into(),
        }
    }

    /// The sentence of a feature, where there is something to say.
    pub(super) fn sentence(&self, candidate: &Candidate<'_>, feature: &str) -> Option<String> {
        let (offer, now) = (candidate.offer, self.query.now.millis());
        match feature {
            "proximity" => candidate.distance.map(|distance| self.away(distance)),
            "popularity" => Some(self.say("Très réservé en ce moment", "Much booked at the moment")),
            "rising" => Some(self.say("De plus en plus réservé", "Booked more and more")),
            "freshness" => Some(self.say("Vient d’arriver", "Just arrived")),
            "soon" => offer.next_date(now).map(|at| self.soon(at - now)),
            "price" => crate::score::is_free(offer.price).then(|| self.say("Gratuit", "Free")),
            "taste" => self.taste(candidate, self.alone()?),
            "discovery" => self.new_to_you(offer),
            "outward" => self.step(candidate),
            "editorial" => self.label(offer),
            "small_venue" => self.small(offer),
            "similar" => self.similar(),
            "friends" => self
                .alone()
                .map(|_| self.say("Remarqué par vos proches", "Noticed by people close to you")),
            "at_home" => Some(self.say(
                "De chez vous, tant que les lieux sont fermés",
                "From home, while venues are closed",
            )),
            "company" => Some(self.say("Réservable à deux", "Bookable for two")),
            _ => None,
        }
    }

    /// The reader, where there is but one: of a group no member's likings are told to all.
    fn alone(&self) -> Option<&Member<'a>> {
        match self.query.company.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// What makes the taste for the offer: what the reader likes in it, or what readers of the same works took.
    fn taste(&self, candidate: &Candidate<'_>, member: &Member<'_>) -> Option<String> {
        let learnt = self.query.learnt.share(self.query, candidate.offer);
        if learnt > member.portrait.taste(candidate.offer) {
            return self.similar();
        }
        self.taste_of(candidate, member)
    }

    /// What a reader likes in the offer.
    pub(super) fn taste_of(&self, candidate: &Candidate<'_>, member: &Member<'_>) -> Option<String> {
        let offer = candidate.offer;
        let portrait = &member.portrait;
        if let Some(genre) = portrait.liked_genre(offer) {
            let genre = self.query.catalogue.words().text(genre);
            return Some(self.say(
                format!("Parce que vous aimez : {genre}"),
                format!("Because you like: {genre}"),
            ));
        }
        if portrait.likes(offer.category) {
            let name = self.category(offer.category);
            return Some(self.say(
                format!("Parce que vous aimez : {name}"),
                format!("Because you like: {name}"),
            ));
        }
        Some(self.say("Proche de votre profil", "Close to your profile"))
    }

    /// Likeness to what was asked for, or to what the reader took to.
    fn similar(&self) -> Option<String> {
        if !self.query.asking.similar_to.is_empty() {
            return Some(self.say("Dans le même esprit", "In the same spirit"));
        }
        self.alone()?;
        Some(self.say(
            "Dans l’esprit de vos dernières découvertes",
            "In the spirit of your latest finds",
        ))
    }

    fn new_to_you(&self, offer: &OfferRow) -> Option<String> {
        let portrait = &self.alone()?.portrait;
        let begun = portrait.practice.bookings() > 0;
        let new = begun && !portrait.practice.practises(offer.category) && !portrait.likes(offer.category);
        let name = self.category(offer.category);
        new.then(|| self.say(format!("Nouveau pour vous : {name}"), format!("New to you: {name}")))
    }

    /// The step outwards: from what is liked, to what lies next, and how far it is.
    fn step(&self, candidate: &Candidate<'_>) -> Option<String> {
        let portrait = &self.alone()?.portrait;
        let to = self.category(candidate.offer.category);
        let from = portrait.way.from(candidate.offer.category);
        let liked = from
            .filter(|from| portrait.likes(*from))
            .map(|from| self.category(from));
        let far = candidate.distance.map(|distance| self.metres(distance));
        let at = |text: String, word: &str| match &far {
            Some(far) => format!("{text}, {word}{far}"),
            None => text,
        };
        Some(match liked {
            Some(from) => self.say(
                at(format!("Vous aimez : {from}. Un pas de plus : {to}"), "à "),
                at(format!("You like: {from}. One step on: {to}"), "at "),
            ),
            None => self.say(
                at(format!("Un pas de plus : {to}"), "à "),
                at(format!("One step on: {to}"), "at "),
            ),
        })
    }

    fn label(&self, offer: &OfferRow) -> Option<String> {
        let bit = editorial::strongest(&self.query.labels, offer.labels)?;
        let label = self.query.catalogue.taxonomy().labels().get(bit)?;
        if let Some(title) = self.titled(label, offer) {
            return Some(title);
        }
        Some(match label.as_str() {
            "mediation" => self.say(
                "Avec une rencontre ou un atelier autour de l’œuvre",
                "With a meeting or a workshop around the work",
            ),
            "exclusive" => self.say("En exclusivité", "Exclusive"),
            "unseen" => self.say("Inédit", "Never seen before"),
            "circulation" => self.say("Un parcours autour de l’œuvre", "A trail around the work"),
            "labelled" => self.say("Choisi par la ville", "Chosen by the town"),
            "local" => self.say("Un choix local", "A local choice"),
            "community" => self.say("Porté par une communauté", "Carried by a community"),
            "virtuous" => self.say("Répond à un label de qualité", "Meets a quality standard"),
            other => self.say(format!("Label : {other}"), format!("Label: {other}")),
        })
    }

    /// What editors call a label where the offer stands: those of its territory before those of the whole country.
    fn titled(&self, label: &str, offer: &OfferRow) -> Option<String> {
        let catalogue = self.query.catalogue;
        let holds = |territory: &String| stands_in(catalogue, offer, territory);
        let titled = catalogue.editorial().labels().iter();
        let titled = titled.filter(|one| one.body.label() == label && one.territory.as_ref().is_none_or(holds));
        let nearest = titled.min_by_key(|one| one.territory.is_none());
        nearest.map(|one| one.body.title.clone())
    }

    fn small(&self, offer: &OfferRow) -> Option<String> {
        let venue = self.query.catalogue.venue(offer.venue?)?;
        (venue.rows.len() <= SMALL).then(|| self.say("Une petite programmation", "A small programme"))
    }

    fn category(&self, category: CategoryIx) -> String {
        let named: &Named = self.query.catalogue.taxonomy().category(category);
        self.say(named.fr.clone(), named.en.as_ref().unwrap_or(&named.fr).clone())
    }

    fn away(&self, distance: Metres) -> String {
        let far = self.metres(distance);
        self.say(format!("À {far} de vous"), format!("{far} from you"))
    }

    fn metres(&self, distance: Metres) -> String {
        let said = metres(distance.0);
        self.say(said.replace('.', ","), said)
    }

    fn soon(&self, millis: i64) -> String {
        match millis / 3_600_000 {
            0 => self.say("Commence dans moins d’une heure", "Starts in less than an hour"),
            hours @ 1..48 => self.say(format!("Dans {hours} h"), format!("In {hours} h")),
            hours => self.say(format!("Dans {} jours", hours / 24), format!("In {} days", hours / 24)),
        }
    }
}

/// A distance as one says it: metres below a kilometre, then tenths, then whole kilometres.
fn metres(metres: f64) -> String {
    if metres < 995.0 {
        format!("{:.0} m", (metres / 10.0).round().max(1.0) * 10.0)
    } else if metres < 9_950.0 {
        format!("{:.1} km", metres / 1_000.0)
    } else {
        format!("{:.0} km", metres / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_said_as_one_says_it() {
        assert_eq!(
            [4.0, 446.0, 1_234.0, 9_949.0, 9_960.0, 54_321.0].map(metres),
            ["10 m", "450 m", "1.2 km", "9.9 km", "10 km", "54 km"]
        );
    }
}
