//! The query string of a search, mapped onto the JSON of the same request.
//!
//! Invariant: one table says every parameter, its type and its place; what is not in it is a 422 `unknown_field`.

use florilege_engine::invalid::{Code, Invalid};
use serde_json::{Map, Value, json};

use super::super::route::Param;

/// How a parameter's text becomes JSON, and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    Flag,
    Words,
    Corners,
    Polygon,
    Json,
}

const fn param(name: &'static str, kind: &'static str, what: &'static str) -> Param {
    Param { name, kind, what }
}

/// What the documentation says, in the order of [`FORMS`].
pub(crate) static PARAMS: [Param; 44] = [
    param(
        "q",
        "string",
        "The words, at most 512 characters; empty matches everything.",
    ),
    param(
        "lat",
        "number",
        "Latitude of the centre, and the origin of distances; with `lng`.",
    ),
    param("lng", "number", "Longitude of the centre; with `lat`."),
    param("radius_m", "number", "Within this many metres of the centre."),
    param(
        "sort",
        "string",
        "relevance, distance, date, price, popularity or newest.",
    ),
    param("limit", "integer", "How many hits, 1 to 200; 20 where absent."),
    param("cursor", "string", "Continues an earlier answer."),
    param("facets", "string", "What to count: category, search_group, price…"),
    param("include", "string", "What stands beside each hit: offer, venue."),
    param("user_id", "string", "The reader."),
    param(
        "understand",
        "boolean",
        "Whether words such as « gratuit » become filters.",
    ),
    param("seed", "integer", "Makes the answer repeatable."),
    param("explain", "boolean", "Whether each hit says why it stands there."),
    param(
        "now",
        "string",
        "The moment of the answer (`context.now`); the server's clock where absent.",
    ),
    param("categories", "string", "Any of these categories."),
    param("subcategories", "string", "Any of these subcategories."),
    param("search_groups", "string", "Any of these search groups."),
    param("kinds", "string", "Any of digital, event, physical."),
    param("genres", "string", "Any of these genres."),
    param("tags", "string", "Any of these tags."),
    param("labels", "string", "Any of these labels."),
    param("venue_ids", "string", "Any of these venues."),
    param("creators", "string", "Any of these creators."),
    param("item_ids", "string", "Any of these works."),
    param("territories", "string", "A venue in any of these territories."),
    param("languages", "string", "Any of these languages."),
    param("accessibility", "string", "All of audio, mental, motor, visual."),
    param("price_cents_min", "integer", "The lowest price."),
    param("price_cents_max", "integer", "The highest price."),
    param("free", "boolean", "Free offers only."),
    param("dates_from", "string", "Some date at or after this moment."),
    param("dates_to", "string", "Some date before this moment."),
    param(
        "time_of_day_from",
        "string",
        "Some date at or after this local time, HH:MM.",
    ),
    param("time_of_day_to", "string", "Some date before this local time, HH:MM."),
    param("duo", "boolean", "Two seats can be booked at once."),
    param("age", "integer", "Open to this age."),
    param("bookable_only", "boolean", "Bookable offers alone; true where absent."),
    param(
        "include_digital",
        "boolean",
        "Whether digital offers may stand; true where absent.",
    ),
    param("bounding_box", "string", "south,west,north,east in degrees."),
    param("polygon", "string", "Corners as lat,lng;lat,lng;…"),
    param("filters", "string", "All filters as one JSON object."),
    param("context", "string", "The context as one JSON object."),
    param(
        "diversity",
        "string",
        "Diversity as one JSON object; the hits are diversified where given.",
    ),
    param(
        "digital_only",
        "boolean",
        "Whether only digital offers can be used (`context.digital_only`).",
    ),
];

/// Where the text of a parameter goes in the request's JSON, and as what.
fn place(name: &str) -> Option<(&'static [&'static str], Form)> {
    Some(match name {
        "q" => (&["q"], Form::Text),
        "lat" => (&["filters", "position", "lat"], Form::Number),
        "lng" => (&["filters", "position", "lng"], Form::Number),
        "radius_m" => (&["filters", "radius_m"], Form::Number),
        "sort" => (&["sort"], Form::Text),
        "limit" => (&["limit"], Form::Number),
        "cursor" => (&["cursor"], Form::Text),
        "facets" => (&["facets"], Form::Words),
        "include" => (&["include"], Form::Words),
        "user_id" => (&["user_id"], Form::Text),
        "understand" => (&["understand"], Form::Flag),
        "seed" => (&["seed"], Form::Number),
        "explain" => (&["explain"], Form::Flag),
        "now" => (&["context", "now"], Form::Text),
        "digital_only" => (&["context", "digital_only"], Form::Flag),
        "price_cents_min" => (&["filters", "price_cents", "min"], Form::Number),
        "price_cents_max" => (&["filters", "price_cents", "max"], Form::Number),
        "dates_from" => (&["filters", "dates", "from"], Form::Text),
        "dates_to" => (&["filters", "dates", "to"], Form::Text),
        "time_of_day_from" => (&["filters", "time_of_day", "from"], Form::Text),
        "time_of_day_to" => (&["filters", "time_of_day", "to"], Form::Text),
        "free" => (&["filters", "free"], Form::Flag),
        "duo" => (&["filters", "duo"], Form::Flag),
        "age" => (&["filters", "age"], Form::Number),
        "bookable_only" => (&["filters", "bookable_only"], Form::Flag),
        "include_digital" => (&["filters", "include_digital"], Form::Flag),
        "bounding_box" => (&["filters", "bounding_box"], Form::Corners),
        "polygon" => (&["filters", "polygon"], Form::Polygon),
        "filters" => (&["filters"], Form::Json),
        "context" => (&["context"], Form::Json),
        "diversity" => (&["diversity"], Form::Json),
        _ => return words(name),
    })
}

/// The lists among the filters.
fn words(name: &str) -> Option<(&'static [&'static str], Form)> {
    let path: &'static [&'static str] = match name {
        "categories" => &["filters", "categories"],
        "subcategories" => &["filters", "subcategories"],
        "search_groups" => &["filters", "search_groups"],
        "kinds" => &["filters", "kinds"],
        "genres" => &["filters", "genres"],
        "tags" => &["filters", "tags"],
        "labels" => &["filters", "labels"],
        "venue_ids" => &["filters", "venue_ids"],
        "creators" => &["filters", "creators"],
        "item_ids" => &["filters", "item_ids"],
        "territories" => &["filters", "territories"],
        "languages" => &["filters", "languages"],
        "accessibility" => &["filters", "accessibility"],
        _ => return None,
    };
    Some((path, Form::Words))
}

/// The JSON of the request that the parameters ask for.
pub(crate) fn to_request(pairs: &[(String, String)]) -> Result<Value, Invalid> {
    let mut request = json!({});
    for whole in [true, false] {
        // The objects given whole come first, so that single parameters add to them.
        for (name, text) in pairs {
            let (path, form) = place(name).ok_or_else(|| unknown(name))?;
            if (form == Form::Json) == whole {
                put(&mut request, path, read(name, text, form)?, name)?;
            }
        }
    }
    Ok(request)
}

fn put(request: &mut Value, path: &[&str], value: Value, name: &str) -> Result<(), Invalid> {
    let mut at = request;
    for step in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[*step];
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
        Form::Number => number(text).ok_or_else(|| wrong("a number")),
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
    fn every_documented_parameter_has_a_place() {
        for param in PARAMS {
            assert!(place(param.name).is_some(), "{}", param.name);
        }
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
