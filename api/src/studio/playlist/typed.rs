//! From the form to the document, over what the document held.
//!
//! Invariant: what the form does not show stays as it was; what is empty in it is absent in the document.

use florilege_engine::score::FEATURES;
use serde_json::{Map, Value, json};

use super::picks;
use crate::studio::form::Form;
use crate::studio::schedule::act;
use crate::studio::view::moment;

/// Sets a field, or takes it away.
pub(crate) fn set(body: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => _ = body.insert(name.to_owned(), value),
        None => _ = body.remove(name),
    }
}

/// A text, unless it is empty.
pub(crate) fn text(form: &Form, name: &str) -> Option<Value> {
    form.some(name).map(|text| json!(text))
}

/// A whole number; text that is none stays text, for the check to refuse.
pub(crate) fn whole(form: &Form, name: &str) -> Option<Value> {
    let text = form.some(name)?;
    Some(text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)))
}

/// A list, unless it is empty.
pub(crate) fn list(words: Vec<String>) -> Option<Value> {
    (!words.is_empty()).then(|| json!(words))
}

/// An object, unless it is empty.
pub(crate) fn object(fields: Map<String, Value>) -> Option<Value> {
    (!fields.is_empty()).then_some(Value::Object(fields))
}

/// The object of a field, to change.
pub(crate) fn part(body: &Map<String, Value>, name: &str) -> Map<String, Value> {
    body.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Times of a form in the studio's zone.
fn time(form: &Form, name: &str) -> Option<Value> {
    let text = form.some(name)?;
    Some(moment(text).map_or_else(|| json!(text), |at| json!(at)))
}

/// The document that a form says.
pub(crate) fn typed(form: &Form, base: &Map<String, Value>) -> Map<String, Value> {
    let mut body = base.clone();
    body.remove("status");
    for name in ["id", "title", "subtitle", "layout", "territory"] {
        set(&mut body, name, text(form, name));
    }
    set(&mut body, "order", text(form, "order"));
    for name in ["min_offers", "max_offers"] {
        set(&mut body, name, whole(form, name));
    }
    set(&mut body, "schedule", object(schedule(form, part(base, "schedule"))));
    set(&mut body, "audience", object(audience(form, part(base, "audience"))));
    set(&mut body, "rule", rule(form, part(base, "rule")));
    set(&mut body, "weights", object(weights(form)));
    set(&mut body, "diversity", object(diversity(form, part(base, "diversity"))));
    picks::typed(form, &mut body);
    body
}

/// From and to, with what the pressed button does to them.
pub(crate) fn schedule(form: &Form, mut schedule: Map<String, Value>) -> Map<String, Value> {
    set(&mut schedule, "from", time(form, "from"));
    set(&mut schedule, "to", time(form, "to"));
    act(form.get("act"), &mut schedule);
    schedule
}

/// Whom it is for.
pub(crate) fn audience(form: &Form, mut audience: Map<String, Value>) -> Map<String, Value> {
    let mut ages = Map::new();
    set(&mut ages, "min", whole(form, "age_min"));
    set(&mut ages, "max", whole(form, "age_max"));
    set(&mut audience, "ages", object(ages));
    set(&mut audience, "personas", list(form.words("personas")));
    set(&mut audience, "territories", list(form.words("for_territories")));
    set(&mut audience, "segments", list(form.words("segments")));
    let logged = match form.get("logged_in") {
        "yes" => Some(json!(true)),
        "no" => Some(json!(false)),
        _ => None,
    };
    set(&mut audience, "logged_in", logged);
    audience
}

fn rule(form: &Form, mut rule: Map<String, Value>) -> Option<Value> {
    let mut filters = part(&rule, "filters");
    for name in [
        "categories",
        "kinds",
        "labels",
        "genres",
        "tags",
        "territories",
        "creators",
    ] {
        set(&mut filters, name, list(form.words(&format!("rule_{name}"))));
    }
    for name in ["free", "duo"] {
        set(
            &mut filters,
            name,
            form.is(&format!("rule_{name}")).then_some(json!(true)),
        );
    }
    let digital = form.is("rule_no_digital").then_some(json!(false));
    set(&mut filters, "include_digital", digital);
    let radius = form.number::<f64>("rule_km").map(|km| json!(km * 1_000.0));
    set(&mut filters, "radius_m", radius);
    let mut price = part(&filters, "price_cents");
    let cents = form
        .number::<f64>("rule_euros")
        .map(|euros| json!((euros * 100.0).round().max(0.0) as u64));
    set(&mut price, "max", cents);
    set(&mut filters, "price_cents", object(price));
    let mut dates = part(&filters, "dates");
    set(&mut dates, "from", time(form, "rule_from"));
    set(&mut dates, "to", time(form, "rule_to"));
    set(&mut filters, "dates", object(dates));
    set(&mut rule, "q", text(form, "rule_q"));
    set(&mut rule, "filters", object(filters));
    let everything = form.is("rule_all");
    if rule.is_empty() && !everything {
        return None;
    }
    Some(Value::Object(rule))
}

/// Weights that are not the default.
fn weights(form: &Form) -> Map<String, Value> {
    let mut weights = Map::new();
    for (name, default) in FEATURES {
        let Some(weight) = form.number::<f64>(&format!("weight_{name}")) else {
            continue;
        };
        if (weight - default).abs() > 1e-9 {
            weights.insert(name.to_owned(), json!(weight));
        }
    }
    weights
}

fn diversity(form: &Form, mut diversity: Map<String, Value>) -> Map<String, Value> {
    let strength = form.number::<f64>("strength").filter(|strength| *strength > 0.0);
    set(&mut diversity, "strength", strength.map(|strength| json!(strength)));
    let policy = text(form, "policy").filter(|policy| policy != "cut");
    set(&mut diversity, "policy", policy);
    let rules = rules(form);
    let standard = json!([{"by": "category", "window": 2, "max": 1, "strict": true}]);
    set(&mut diversity, "rules", Some(rules).filter(|rules| *rules != standard));
    diversity
}

fn rules(form: &Form) -> Value {
    let (windows, maxes, stricts) = (
        form.all("rule_window").collect::<Vec<_>>(),
        form.all("rule_max").collect::<Vec<_>>(),
        form.all("rule_strict").collect::<Vec<_>>(),
    );
    let number = |list: &[&str], place: usize, unsaid: u64| {
        let text = list.get(place).copied().unwrap_or("").trim();
        text.parse::<u64>().unwrap_or(unsaid)
    };
    let rule = |(place, by): (usize, &str)| {
        json!({
            "by": by, "window": number(&windows, place, 2), "max": number(&maxes, place, 1),
            "strict": stricts.get(place) != Some(&"soft"),
        })
    };
    let named = form.all("rule_by").enumerate().filter(|(_, by)| !by.is_empty());
    Value::Array(named.map(rule).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: &str, base: Value) -> Value {
        Value::Object(typed(
            &Form::parse(form.as_bytes()),
            base.as_object().expect("an object"),
        ))
    }

    #[test]
    fn an_empty_form_is_an_empty_document() {
        let standard = "rule_by=category&rule_window=2&rule_max=1&rule_strict=strict&strength=0&policy=cut";
        assert_eq!(of(standard, json!({})), json!({}));
    }

    #[test]
    fn every_field_finds_its_place() {
        let kept = FEATURES
            .iter()
            .find(|(name, _)| *name == "popularity")
            .expect("known")
            .1;
        let form = "id=p&title=+Un+%3Ctitre%3E+&territory=35&order=date&max_offers=12&rule_categories=LIVRE&\
                    rule_categories=JEU&rule_euros=7,5&rule_km=20&rule_q=jazz&weight_proximity=0.9&\
                    weight_popularity={kept}&strength=0.4&rule_by=category&rule_window=2&rule_max=1&rule_strict=strict&\
                    rule_by=venue&rule_window=5&rule_max=2&rule_strict=soft&from=2026-07-01T10:30&\
                    age_min=15&personas=curieux&logged_in=no&pick=o|3|offer-1&pick=i||ean-9&exclude=offer-2";
        let wanted = json!({
            "id": "p", "title": "Un <titre>", "territory": "35", "order": "date", "max_offers": 12,
            "rule": {"q": "jazz", "filters": {"categories": ["LIVRE", "JEU"], "price_cents": {"max": 750}, "radius_m": 20000.0}},
            "weights": {"proximity": 0.9},
            "diversity": {"strength": 0.4, "rules": [
                {"by": "category", "window": 2, "max": 1, "strict": true},
                {"by": "venue", "window": 5, "max": 2, "strict": false}]},
            "schedule": {"from": "2026-07-01T10:30:00+02:00"},
            "audience": {"ages": {"min": 15}, "personas": ["curieux"], "logged_in": false},
            "picks": [{"offer_id": "offer-1", "rank": 3}, {"item_id": "ean-9"}], "exclude": ["offer-2"],
        });
        assert_eq!(of(&form.replace("{kept}", &kept.to_string()), json!({})), wanted);
    }

    #[test]
    fn what_the_form_does_not_show_stays() {
        let base =
            json!({"frozen": true, "title": "A", "rule": {"filters": {"venue_ids": ["v"], "categories": ["JEU"]}}});
        let wanted = json!({"frozen": true, "title": "B", "rule": {"filters": {"venue_ids": ["v"]}},
            "diversity": {"rules": []}});
        assert_eq!(of("title=B", base), wanted);
    }
}
