//! The query string of a search: its table.
//!
//! Read by [`super::super::params`] onto the JSON of the same request. Invariant: a name stands once.

use super::super::params::{Entry, Form, at, told};
use super::super::route::Param;

/// Every parameter.
pub(in crate::http) static TABLE: [Entry; 45] = [
    at(
        "q",
        "q",
        Form::Text,
        "The words, at most 512 characters; empty matches everything.",
    ),
    at(
        "lat",
        "filters/position/lat",
        Form::Number,
        "Latitude of the centre, and the origin of distances; with `lng`.",
    ),
    at(
        "lng",
        "filters/position/lng",
        Form::Number,
        "Longitude of the centre; with `lat`.",
    ),
    at(
        "radius_m",
        "filters/radius_m",
        Form::Number,
        "Within this many metres of the centre.",
    ),
    at(
        "sort",
        "sort",
        Form::Text,
        "relevance, distance, date, price, popularity or newest.",
    ),
    at(
        "limit",
        "limit",
        Form::Integer,
        "How many hits, 1 to 200; 20 where absent.",
    ),
    at("cursor", "cursor", Form::Text, "Continues an earlier answer."),
    at(
        "facets",
        "facets",
        Form::Words,
        "What to count: category, search_group, price…",
    ),
    at(
        "include",
        "include",
        Form::Words,
        "What stands beside each hit: offer, venue.",
    ),
    at("user_id", "user_id", Form::Text, "The reader."),
    at(
        "understand",
        "understand",
        Form::Flag,
        "Whether words such as « gratuit » become filters.",
    ),
    at("seed", "seed", Form::Integer, "Makes the answer repeatable."),
    at(
        "explain",
        "explain",
        Form::Flag,
        "Whether each hit says why it stands there.",
    ),
    at(
        "now",
        "context/now",
        Form::Text,
        "The moment of the answer (`context.now`); the server's clock where absent.",
    ),
    at(
        "categories",
        "filters/categories",
        Form::Words,
        "Any of these categories.",
    ),
    at(
        "subcategories",
        "filters/subcategories",
        Form::Words,
        "Any of these subcategories.",
    ),
    at(
        "search_groups",
        "filters/search_groups",
        Form::Words,
        "Any of these search groups.",
    ),
    at(
        "kinds",
        "filters/kinds",
        Form::Words,
        "Any of digital, event, physical.",
    ),
    at("genres", "filters/genres", Form::Words, "Any of these genres."),
    at("tags", "filters/tags", Form::Words, "Any of these tags."),
    at("labels", "filters/labels", Form::Words, "Any of these labels."),
    at("venue_ids", "filters/venue_ids", Form::Words, "Any of these venues."),
    at("creators", "filters/creators", Form::Words, "Any of these creators."),
    at("item_ids", "filters/item_ids", Form::Words, "Any of these works."),
    at(
        "territories",
        "filters/territories",
        Form::Words,
        "A venue in any of these territories.",
    ),
    at(
        "departments",
        "filters/departments",
        Form::Words,
        "A venue in any of these departments, by code.",
    ),
    at("languages", "filters/languages", Form::Words, "Any of these languages."),
    at(
        "accessibility",
        "filters/accessibility",
        Form::Words,
        "All of audio, mental, motor, visual.",
    ),
    at(
        "price_cents_min",
        "filters/price_cents/min",
        Form::Integer,
        "The lowest price.",
    ),
    at(
        "price_cents_max",
        "filters/price_cents/max",
        Form::Integer,
        "The highest price.",
    ),
    at("free", "filters/free", Form::Flag, "Free offers only."),
    at(
        "dates_from",
        "filters/dates/from",
        Form::Text,
        "Some date at or after this moment.",
    ),
    at(
        "dates_to",
        "filters/dates/to",
        Form::Text,
        "Some date before this moment.",
    ),
    at(
        "time_of_day_from",
        "filters/time_of_day/from",
        Form::Text,
        "Some date at or after this local time, HH:MM.",
    ),
    at(
        "time_of_day_to",
        "filters/time_of_day/to",
        Form::Text,
        "Some date before this local time, HH:MM.",
    ),
    at("duo", "filters/duo", Form::Flag, "Two seats can be booked at once."),
    at("age", "filters/age", Form::Integer, "Open to this age."),
    at(
        "bookable_only",
        "filters/bookable_only",
        Form::Flag,
        "Bookable offers alone; true where absent.",
    ),
    at(
        "include_digital",
        "filters/include_digital",
        Form::Flag,
        "Whether digital offers may stand; true where absent.",
    ),
    at(
        "bounding_box",
        "filters/bounding_box",
        Form::Corners,
        "south,west,north,east in degrees.",
    ),
    at(
        "polygon",
        "filters/polygon",
        Form::Polygon,
        "Corners as lat,lng;lat,lng;…",
    ),
    at("filters", "filters", Form::Json, "All filters as one JSON object."),
    at("context", "context", Form::Json, "The context as one JSON object."),
    at(
        "diversity",
        "diversity",
        Form::Json,
        "Diversity as one JSON object; the hits are diversified where given.",
    ),
    at(
        "digital_only",
        "context/digital_only",
        Form::Flag,
        "Whether only digital offers can be used (`context.digital_only`).",
    ),
];

/// What the documentation says of them.
pub(crate) static PARAMS: [Param; TABLE.len()] = told(&TABLE);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::params::to_request;
    use super::*;

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn names_stand_once() {
        let names: std::collections::BTreeSet<&str> = PARAMS.iter().map(|param| param.name).collect();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn parameters_make_the_same_request_as_a_body() {
        let given = pairs(&[
            ("q", "théâtre"),
            ("lat", "48.1"),
            ("lng", "-1.68"),
            ("radius_m", "20000"),
            ("facets", "category,price"),
            ("genres", "Manga"),
            ("genres", "BD"),
            ("price_cents_max", "1000"),
            ("free", "false"),
            ("bounding_box", "1,2,3.5,4"),
        ]);
        let expected = json!({
            "q": "théâtre", "facets": ["category", "price"],
            "filters": {
                "position": {"lat": 48.1, "lng": -1.68}, "radius_m": 20000, "genres": ["Manga", "BD"],
                "price_cents": {"max": 1000}, "free": false,
                "bounding_box": {"south": 1, "west": 2, "north": 3.5, "east": 4},
            },
        });
        assert_eq!(to_request(&TABLE, &given), Ok(expected));
    }
}
