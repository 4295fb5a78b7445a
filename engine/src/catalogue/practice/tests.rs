//! Practice act by act, against what each act means.

use super::*;
use crate::taxonomy::Taxonomy;

struct World(Taxonomy, Vec<ItemId>);

impl World {
    fn new() -> Self {
        let items = (0..300)
            .map(|n| ItemId::new(&format!("i{n}")).expect("an id"))
            .collect();
        Self(Taxonomy::built_in(), items)
    }

    fn act(&self, kind: EventType, item: usize, key: &str, at: i64) -> Act<'_> {
        let subcategory = self.0.find(key).expect(key);
        let about = About {
            category: self.0.subcategory(subcategory).category,
            subcategory,
            venue: Some(VenueIx(item as u32)),
            venue_kind: Some(Word(7)),
            genres: &[Word(3)],
        };
        let subject = Subject {
            item: &self.1[item],
            about,
        };
        Act {
            kind,
            value: None,
            at,
            subject,
        }
    }

    fn said(&self, practice: &Practice, key: &str) -> f64 {
        let ix = self.0.find(key).expect(key);
        practice
            .evidence()
            .find(|(known, _)| *known == ix)
            .map_or(0.0, |(_, weight)| weight)
    }
}

#[test]
fn a_booking_says_more_than_a_click_and_a_dislike_speaks_against() {
    let world = World::new();
    let said = |kind| {
        let mut practice = Practice::default();
        practice.note(&world.act(kind, 0, "CONCERT", 0));
        world.said(&practice, "CONCERT")
    };
    use EventType::*;
    let order = [Booking, Favorite, Share, View, Click, Impression, Dislike, Hide];
    let values: Vec<f64> = order.into_iter().map(said).collect();
    assert!(values.windows(2).all(|pair| pair[0] > pair[1]), "{values:?}");
    assert_eq!(values[5], 0.0);
}

#[test]
fn a_cancellation_takes_its_booking_back_and_no_more() {
    let world = World::new();
    let mut practice = Practice::default();
    let took = practice.note(&world.act(EventType::Booking, 0, "CONCERT", 0));
    assert!(matches!(took, Some(Step::Taken(_))));
    practice.note(&world.act(EventType::Booking, 1, "VISITE", 0));
    let left = practice.note(&world.act(EventType::Cancellation, 0, "CONCERT", 0));
    assert!(matches!(left, Some(Step::Left(_))));
    assert_eq!(world.said(&practice, "CONCERT"), 0.0);
    assert_eq!(practice.bookings(), 1);
    let concert = world.act(EventType::Booking, 2, "CONCERT", 0);
    assert!((practice.points(&concert.subject.about) - (25.0 + 10.0 + 5.0)).abs() < 1e-12);
}

/// 25, 20, 10, 5 and 5 for what is new; a first booking is all of it.
#[test]
fn points_are_those_of_the_public_measure() {
    let world = World::new();
    let mut practice = Practice::default();
    let about = |item, key| world.act(EventType::Booking, item, key, 0).subject.about;
    assert_eq!(practice.points(&about(0, "CONCERT")), FULL_POINTS);
    practice.note(&world.act(EventType::Booking, 0, "CONCERT", 0));
    assert_eq!(practice.points(&about(0, "CONCERT")), 0.0);
    assert_eq!(practice.points(&about(1, "CONCERT")), 5.0);
    assert_eq!(practice.points(&about(0, "FESTIVAL_MUSIQUE")), 10.0);
    assert_eq!(practice.points(&about(0, "VISITE")), 35.0);
    let new = About {
        venue: Some(VenueIx(99)),
        venue_kind: Some(Word(8)),
        genres: &[Word(4)],
        ..about(0, "VISITE")
    };
    assert_eq!(practice.points(&new), 65.0);
}

#[test]
fn what_is_passed_over_tires_and_rests_again() {
    let world = World::new();
    let mut practice = Practice::default();
    let rest = |practice: &Practice, now| practice.tired(now).next().map_or(1.0, |(_, rest)| rest);
    let mut last = 1.0;
    for _ in 0..5 {
        practice.note(&world.act(EventType::Impression, 0, "CONCERT", 0));
        let now = rest(&practice, 0);
        assert!(now < last && now > 0.0);
        last = now;
    }
    let week = 7 * 86_400_000;
    assert!((rest(&practice, week) - (1.0 - (1.0 - last) / 2.0)).abs() < 1e-12);
    practice.note(&world.act(EventType::Click, 0, "CONCERT", 0));
    assert_eq!(rest(&practice, 0), 1.0, "what was looked at was not passed over");
}

#[test]
fn discoveries_open_and_refusals_close() {
    let world = World::new();
    let mut practice = Practice::default();
    practice.note(&world.act(EventType::Booking, 0, "CONCERT", 0));
    assert_eq!(practice.openness(), 0.5);
    practice.note(&world.act(EventType::Booking, 1, "VISITE", 0));
    assert!(practice.openness() > 0.5);
    let open = practice.openness();
    practice.note(&world.act(EventType::Booking, 2, "VISITE", 0));
    assert_eq!(practice.openness(), open, "more of the same is no discovery");
    for item in 0..40 {
        practice.note(&world.act(EventType::Dislike, item, "SEANCE_CINE", 0));
    }
    assert_eq!(practice.openness(), 0.0);
}

#[test]
fn memory_is_bounded() {
    let world = World::new();
    let mut practice = Practice::default();
    for n in 0..5_000usize {
        let mut act = world.act(EventType::Impression, n % 300, "CONCERT", n as i64);
        practice.note(&act);
        act.kind = EventType::Booking;
        let genres = [Word(n as u32)];
        act.subject.about.genres = &genres;
        act.subject.about.venue = Some(VenueIx(n as u32));
        practice.note(&act);
        let mut seen = world.act(EventType::Impression, (n + 7) % 300, "CONCERT", n as i64);
        seen.kind = EventType::Impression;
        practice.note(&seen);
    }
    assert!(practice.unseen.len() <= MAX_UNSEEN);
    assert_eq!(practice.venues.len(), MAX_VENUES);
    assert_eq!(practice.genres.len(), MAX_GENRES);
    assert_eq!(practice.booked_genres.len(), MAX_GENRES);
}
