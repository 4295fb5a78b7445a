//! The query string of a search, mapped onto the JSON of the same request.
//!
//! Invariant: one table says every parameter, its type and its place; what is not in it is a 422 `unknown_field`.

use florilege_engine::invalid::{Code, Invalid};
use serde_json::{Map, Value, json};

use super::super::route::Param;

/// How a parameter's text becomes JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    Integer,
    Flag,
    Words,
    Corners,
    Polygon,
    Json,
}

impl Form {
    /// Its JSON type in a schema.
    const fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Words | Self::Corners | Self::Polygon | Self::Json => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Flag => "boolean",
        }
    }
}

/// A parameter: its name, where it goes in the request's JSON, as what, and what it means.
struct Entry {
    param: Param,
    path: &'static str,
    form: Form,
}

const fn at(name: &'static str, path: &'static str, form: Form, what: &'static str) -> Entry {
    let kind = form.kind();
    Entry {
        param: Param { name, kind, what },
        path,
        form,
    }
}

/// Every parameter.
static TABLE: [Entry; 45] = [
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
pub(crate) static PARAMS: [Param; TABLE.len()] = {
    let mut params = [TABLE[0].param; TABLE.len()];
    let mut at = 1;
    while at < TABLE.len() {
        params[at] = TABLE[at].param;
        at += 1;
    }
    params
};

/// The JSON of the request that the parameters ask for.
pub(crate) fn to_request(pairs: &[(String, String)]) -> Result<Value, Invalid> {
    let mut request = json!({});
    for whole in [true, false] {
        // The objects given whole come first, so that single parameters add to them.
        for (name, text) in pairs {
            let entry = TABLE
                .iter()
                .find(|entry| entry.param.name == name)
                .ok_or_else(|| unknown(name))?;
            if (entry.form == Form::Json) == whole {
                put(&mut request, entry.path, read(name, text, entry.form)?, name)?;
            }
        }
    }
    Ok(request)
}

fn put(request: &mut Value, path: &str, value: Value, name: &str) -> Result<(), Invalid> {
    let mut at = request;
    for step in path.split('/') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[step];
    }
    match (&mut *at, value) {
        // A list may be given as several parameters.
        (Value::Array(held), Value::Array(more)) if name != "polygon" => held.extend(more),
        (Value::Null, value) => *at = value,
        (_, _) => {
            let message = format!("{name} is given twice");
            return Err(Invalid::one(format!("/{name}"), Code::DuplicateField, message));
        }
    }
    Ok(())
}

fn read(name: &str, text: &str, form: Form) -> Result<Value, Invalid> {
    let wrong = |expected: &str| {
        let message = format!("{name} is {expected}, not {text:?}");
        Invalid::one(format!("/{name}"), Code::InvalidType, message)
    };
    match form {
        Form::Text => Ok(json!(text)),
        Form::Number | Form::Integer => number(text).ok_or_else(|| wrong("a number")),
        Form::Flag => match text {
            "true" | "1" | "" => Ok(json!(true)),
            "false" | "0" => Ok(json!(false)),
            _ => Err(wrong("true or false")),
        },
        Form::Words => Ok(text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()),
        Form::Corners => corners(text).ok_or_else(|| wrong("south,west,north,east")),
        Form::Polygon => polygon(text).ok_or_else(|| wrong("corners as lat,lng;lat,lng;lat,lng")),
        Form::Json => serde_json::from_str(text)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| wrong("a JSON object")),
    }
}

/// A finite number of JSON.
fn number(text: &str) -> Option<Value> {
    serde_json::from_str(text.trim()).ok().filter(Value::is_number)
}

fn corners(text: &str) -> Option<Value> {
    let sides: Option<Vec<Value>> = text.split(',').map(number).collect();
    let [south, west, north, east]: [Value; 4] = sides?.try_into().ok()?;
    Some(json!({"south": south, "west": west, "north": north, "east": east}))
}

fn polygon(text: &str) -> Option<Value> {
    let corner = |corner: &str| {
        let pair: Vec<Value> = corner.split(',').map(number).collect::<Option<_>>()?;
        (pair.len() == 2).then_some(Value::Array(pair))
    };
    text.split(';').map(corner).collect()
}

fn unknown(name: &str) -> Invalid {
    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    Invalid::one(
        pointer,
        Code::UnknownField,
        format!("unknown parameter {name:?}; see /docs"),
    )
}

#[cfg(test)]
mod tests {
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
        assert_eq!(to_request(&given), Ok(expected));
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (name, text, code) in [
            ("colour", "red", Code::UnknownField),
            ("limit", "ten", Code::InvalidType),
            ("lat", "NaN", Code::InvalidType),
            ("free", "perhaps", Code::InvalidType),
            ("bounding_box", "1,2,3", Code::InvalidType),
            ("filters", "[]", Code::InvalidType),
        ] {
            let invalid = to_request(&pairs(&[(name, text)])).expect_err(name);
            assert_eq!(
                (invalid.0[0].pointer.as_str(), invalid.0[0].code),
                (&*format!("/{name}"), code)
            );
        }
        let twice = to_request(&pairs(&[("q", "a"), ("q", "b")])).expect_err("twice");
        assert_eq!(twice.0[0].code, Code::DuplicateField);
    }
}
