//! MovieLens in its two shapes, other fields through a mapping, and what is refused.

use std::fs;
use std::path::Path;

use super::read::{DataError, read};

fn put(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("written");
}

#[test]
fn both_shapes_of_movielens_are_one_data_set() {
    let (csv, dat) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    put(
        csv.path(),
        "ratings.csv",
        "\u{feff}userId,movieId,rating,timestamp\r\n2,10,4.0,50\r\n1,10,5.0,20\r\n1,7,3.5,10\r\n1,10,4.0,30\r\nx,,,\r\n",
    );
    put(
        csv.path(),
        "movies.csv",
        "movieId,title,genres\n10,\"Long, Title\",B|A\n7,Short,(no genres listed)\n9,Unseen,A\n",
    );
    put(
        dat.path(),
        "ratings.dat",
        "1::7::3.5::10\n1::10::4::30\n2::10::4::50\n1::10::5::20\nbroken\n",
    );
    put(
        dat.path(),
        "movies.dat",
        "10::Long, Title::B|A\n7::Short::(no genres listed)\n9::Unseen::A\n",
    );
    let (one, other) = (
        read(csv.path(), None).expect("data"),
        read(dat.path(), None).expect("data"),
    );
    assert_eq!(one.hash(), other.hash());
    assert_eq!((one.unread, other.unread), (1, 1));
    assert_eq!(one.items, ["10", "7", "9"]);
    assert_eq!(one.genres, ["A", "B"]);
    assert_eq!(one.of_item, [vec![1, 0], vec![], vec![0]]);
    assert_eq!(one.main_genres(), [1, 2, 0]);
    // The later of two ratings of one film stands.
    assert_eq!(one.positives(), [vec![(0, 30)], vec![(0, 50)]]);
    assert_eq!(one.titles[0], "Long, Title");
    let file = read(&csv.path().join("ratings.csv"), None).expect("data");
    assert_eq!(file.hash(), one.hash());
}

const MAPPING: &str = r#"
name = "loans"
positive = 2.0
[acts]
files = ["prets-*.csv"]
input = { format = "csv", separator = ";", absent = ["NC"] }
user = "lecteur"
item = "cote"
value = "note"
time = "quand"
[items]
files = ["fonds.ndjson"]
item = "cote"
title = "titre"
categories = ["rayon", "genres"]
separator = " / "
none = ["?"]
"#;

#[test]
fn a_foreign_shape_needs_only_a_mapping() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "loans.toml", MAPPING);
    put(
        folder.path(),
        "prets-2.csv",
        "quand;note;cote;lecteur\n2024-05-01;3,5;b;Zoé\n2024-05-01T10:00:00Z;2;a;Zoé\n;2;a;Zoé\nhier;2;a;Zoé\n",
    );
    put(
        folder.path(),
        "prets-1.csv",
        "lecteur;cote;note;quand\nAli;a;1;1714521600\nAli;b;NC;5\n",
    );
    put(
        folder.path(),
        "fonds.ndjson",
        "{\"cote\":\"a\",\"titre\":\"Un\",\"rayon\":\"Roman\",\"genres\":\"Noir / Roman\"}\n{\"cote\":\"c\",\"rayon\":\"?\"}\n",
    );
    let mapping = folder.path().join("loans.toml");
    let data = read(folder.path(), Some(&mapping)).expect("data");
    assert_eq!((data.name.as_str(), data.unread), ("loans", 3));
    assert_eq!(data.users, ["Ali", "Zoé"]);
    assert_eq!(data.items, ["a", "b", "c"]);
    assert_eq!(data.of_item, [vec![1, 0], vec![], vec![]]);
    assert_eq!(data.genres, ["Noir", "Roman"]);
    assert_eq!(data.positives(), [vec![], vec![(1, 1_714_521_600), (0, 1_714_557_600)]]);
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(read(folder.path(), None), Err(DataError::Unknown(_))));
    put(folder.path(), "ratings.csv", "who,what\n1,2\n");
    assert!(matches!(read(folder.path(), None), Err(DataError::Column { .. })));
    put(
        folder.path(),
        "ratings.csv",
        "userId,movieId,rating,timestamp\n1,2,x,3\n",
    );
    assert!(matches!(
        read(folder.path(), None),
        Err(DataError::Empty { unread: 1, .. })
    ));
    let mapping = folder.path().join("m.toml");
    for (text, told) in [
        ("[acts]\nuser = \"u\"\nitem = \"i\"\nweight = 3\n", "weight"),
        (
            "[acts]\nfiles = [\"none*.csv\"]\nuser = \"u\"\nitem = \"i\"\n",
            "none*.csv",
        ),
        (
            "[acts]\nfiles = [\"ratings.csv\"]\nuser = \"reader\"\nitem = \"movieId\"\n",
            "\"reader\"",
        ),
        ("[acts]\nfiles = [\"m.toml\"]\nuser = \"u\"\nitem = \"i\"\n", "input"),
    ] {
        put(folder.path(), "m.toml", text);
        let fault = read(folder.path(), Some(&mapping)).expect_err("refused").to_string();
        assert!(fault.contains(told), "{fault}");
    }
}

const STORE: &str = r#"{"op":"offer.upsert","offer":{"id":"a1","item_id":"a","title":"Un livre","subcategory":"LIVRE_PAPIER","genres":["Roman","Poésie"]}}
{"op":"offer.upsert","offer":{"id":"a2","item_id":"a","title":"Un livre","subcategory":"LIVRE_PAPIER","genres":["Roman","Poésie"]}}
{"op":"offer.upsert","offer":{"id":"b","title":"Un concert","subcategory":"CONCERT"}}
{"op":"user.upsert","user":{"id":"one","consents":{"personalisation":true}}}
{"op":"user.upsert","user":{"id":"two","consents":{"personalisation":true}}}
{"op":"user.upsert","user":{"id":"silent"}}
{"op":"event","event":{"id":"1","type":"booking","user_id":"one","offer_id":"a1","at":"2026-03-01T12:00:00Z"}}
{"op":"event","event":{"id":"2","type":"click","user_id":"one","offer_id":"b","at":"2026-03-01T13:00:00Z"}}
{"op":"event","event":{"id":"3","type":"favorite","user_id":"two","offer_id":"a2","at":"2026-03-02T12:00:00Z"}}
{"op":"event","event":{"id":"4","type":"booking","user_id":"two","offer_id":"b","at":"2026-03-02T12:00:00Z"}}
{"op":"event","event":{"id":"5","type":"cancellation","user_id":"two","offer_id":"b","at":"2026-03-03T12:00:00Z"}}
{"op":"event","event":{"id":"6","type":"booking","user_id":"silent","offer_id":"b","at":"2026-03-03T12:00:00Z"}}
{"op":"event","event":{"id":"7","type":"search","user_id":"one","at":"2026-03-03T12:00:00Z","text":"jazz"}}
"#;

#[test]
fn a_store_is_read_from_its_tables_by_work_without_what_was_taken_back() {
    let place = tempfile::tempdir().expect("a folder");
    let tables = crate::tables::Tables::create(place.path()).expect("tables");
    let open = || Ok(Box::new(STORE.as_bytes()) as Box<dyn std::io::BufRead>);
    let taxonomy = florilege_engine::taxonomy::Taxonomy::built_in();
    crate::tables::lines::export(open, &taxonomy, &tables).expect("tables");
    let data = read(place.path(), None).expect("data");
    assert_eq!(
        (&data.items[..], data.users.len()),
        (&["a".to_owned(), "b".to_owned()][..], 2)
    );
    assert_eq!(data.titles, ["Un livre", "Un concert"]);
    let genres: Vec<&str> = data.of_item[0]
        .iter()
        .map(|genre| data.genres[*genre as usize].as_str())
        .collect();
    assert_eq!(genres, ["LIVRE", "Roman", "Poésie"]);
    // Three acts say something of a work; the booking of the concert was taken back.
    assert_eq!((data.acts.len(), data.unread), (3, 0));
    let items: Vec<Vec<u32>> = data
        .positives()
        .iter()
        .map(|yes| yes.iter().map(|(item, _)| *item).collect())
        .collect();
    assert_eq!(items, [[0], [0]]);
    // Nobody's name came along.
    assert!(
        !data
            .users
            .iter()
            .any(|user| ["one", "two", "silent"].contains(&user.as_str()))
    );
}
