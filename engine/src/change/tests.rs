//! Lines read back as written, and a bad one is named.

use super::*;

#[track_caller]
fn good(line: &str) -> Change {
    Change::parse(line.as_bytes(), &Taxonomy::built_in()).expect(line)
}

#[track_caller]
fn bad(line: &str, pointer: &str, code: Code) {
    let invalid = Change::parse(line.as_bytes(), &Taxonomy::built_in()).expect_err(line);
    let fault = &invalid.0[0];
    assert_eq!(
        (fault.pointer.as_str(), fault.code),
        (pointer, code),
        "{line}: {}",
        fault.message
    );
}

const OFFER: &str = r#"{"op":"offer.upsert","offer":{"id":"o1","title":"Dune","subcategory":"LIVRE_PAPIER","dates":["2026-12-01T19:30:00+01:00"],"price_cents":1290,"attributes":{"a":{"b":null}}}}"#;

#[test]
fn every_operation_reads_back_as_written() {
    for line in [
        OFFER,
        r#"{"op":"offer.delete","id":"o1"}"#,
        r#"{"op":"offer.stock","id":"o1","bookable":false,"stock":3,"price_cents":0,"dates":[]}"#,
        r#"{"op":"venue.upsert","venue":{"id":"v1","name":"La Criée","position":{"lat":48.1,"lng":-1.7},"time_zone":"Europe/Paris"}}"#,
        r#"{"op":"venue.delete","id":"v1"}"#,
        r#"{"op":"user.upsert","user":{"id":"u1","birth_year":2008,"consents":{"personalisation":true}}}"#,
        r#"{"op":"user.erase","id":"u1"}"#,
        r#"{"op":"event","event":{"id":"e1","type":"booking","user_id":"u1","offer_id":"o1","at":"2026-12-01T19:30:00Z"}}"#,
    ] {
        let change = good(line);
        assert_eq!(good(&change.to_line()), change, "{line}");
    }
}

#[test]
fn a_publication_is_read_from_the_log_alone() {
    let line = r#"{"op":"document","document":{"kind":"scenarios","id":"home","version":3,"territory":null,"body":{"weights":{"near":null}}}}"#;
    let taxonomy = Taxonomy::built_in();
    let entry = Change::parse_entry(line.as_bytes(), &taxonomy).expect("an entry");
    assert_eq!(entry.to_line(), line);
    assert!(matches!(entry, Change::Document(published) if published.version == 3));
    bad(line, "/op", Code::UnknownOp);
}

#[test]
fn only_id_title_and_subcategory_are_required() {
    let Change::OfferUpsert(offer) = good(
        r#"{"op":"offer.upsert","offer":{"id":"o","title":"t","subcategory":"CONCERT","venue_id":null,"genres":null}}"#,
    ) else {
        panic!("an offer")
    };
    assert!(offer.bookable && offer.price_cents.is_none() && offer.genres.is_empty());
    assert_eq!(offer.item().as_str(), "o");
}

#[test]
fn stock_may_be_nested() {
    assert_eq!(
        good(r#"{"op":"offer.stock","id":"o1","stock":{"stock":2}}"#),
        good(r#"{"op":"offer.stock","id":"o1","stock":2}"#)
    );
}

#[test]
fn what_is_wrong_is_named() {
    bad("", "", Code::MalformedJson);
    bad(r#"{"op":"offer.upsert""#, "", Code::MalformedJson);
    bad(r#"{"op":"offer.burn","id":"o1"}"#, "/op", Code::UnknownOp);
    bad(r#"{"id":"o1"}"#, "/op", Code::MissingField);
    bad(r#"{"op":"offer.delete"}"#, "/id", Code::MissingField);
    bad(r#"{"op":"offer.delete","id":""}"#, "/id", Code::InvalidValue);
    bad(
        r#"{"op":"offer.delete","id":"o1","offer":{}}"#,
        "/offer",
        Code::UnknownField,
    );
    bad(
        r#"{"op":"offer.delete","id":"o1","colour":1}"#,
        "/colour",
        Code::UnknownField,
    );
    bad(&OFFER.replace("1290", "-1"), "/offer/price_cents", Code::InvalidValue);
    bad(&OFFER.replace("1290", "12.5"), "/offer/price_cents", Code::InvalidType);
    bad(
        &OFFER.replace("LIVRE_PAPIER", "LIVRES"),
        "/offer/subcategory",
        Code::UnknownSubcategory,
    );
    bad(
        &OFFER.replace("\"title\"", "\"titel\""),
        "/offer/titel",
        Code::UnknownField,
    );
    bad(&OFFER.replace("+01:00", ""), "/offer/dates/0", Code::InvalidValue);
    bad(
        r#"{"op":"venue.upsert","venue":{"id":"v","name":"n","position":{"lat":91,"lng":0}}}"#,
        "/venue/position",
        Code::InvalidValue,
    );
    bad(
        r#"{"op":"user.upsert","user":{"id":"u","email":"a@b"}}"#,
        "/user/email",
        Code::UnknownField,
    );
    bad(
        r#"{"op":"event","event":{"id":"e","type":"view","user_id":"u","at":"2026-12-01T19:30:00Z"}}"#,
        "/event/offer_id",
        Code::MissingField,
    );
}

#[test]
fn an_offer_is_compact_inside_and_complete_outside() {
    let Change::OfferUpsert(offer) =
        good(r#"{"op":"offer.upsert","offer":{"id":"o","title":"t","subcategory":"CONCERT"}}"#)
    else {
        panic!("an offer")
    };
    assert_eq!(
        serde_json::to_string(&offer).expect("json"),
        r#"{"id":"o","title":"t","subcategory":"CONCERT"}"#
    );
    let full = offer.full();
    assert_eq!(full.as_object().expect("an object").len(), 28);
    assert_eq!(
        (&full["bookable"], &full["price_cents"]),
        (&serde_json::json!(true), &serde_json::Value::Null)
    );
    assert_eq!(full["item_id"], "o");
    let again: Offer = json::from_value(full).expect("reads back");
    assert_eq!((again.item(), again.title), (offer.item(), offer.title));
}
