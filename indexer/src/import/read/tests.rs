//! Files in every state that was seen, and some that were not.

use super::*;
use crate::import::mapping::Encoding;

fn input(format: &str, more: &str) -> Input {
    toml::from_str(&format!("format = {format:?}\n{more}")).expect("an input")
}

fn rows(bytes: &[u8], input: &Input) -> RawTable {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).expect("written");
    read(&path, input).expect("read")
}

fn cells(table: &RawTable) -> Vec<Vec<&str>> {
    let row = |row: &'_ RawRow| {
        row.cells
            .iter()
            .map(|c| c.as_deref().unwrap_or(""))
            .collect::<Vec<_>>()
            .join("|")
    };
    let joined: Vec<String> = table.rows.iter().map(row).collect();
    joined
        .into_iter()
        .map(|line| {
            let leaked: &'static str = Box::leak(line.into_boxed_str());
            leaked.split('|').collect()
        })
        .collect()
}

#[test]
fn marks_breaks_and_quotes_are_read() {
    let text = "\u{feff}\u{feff}a;b;c\r\n1;\"two\r\nlines; \"\"q\"\"\";3\r\n\r\n;;\r\n4;5\r\n6;7;8;;\r\n6;7;8;9\r\n";
    let table = rows(text.as_bytes(), &input("csv", ""));
    assert_eq!(table.columns, ["a", "b", "c"]);
    assert_eq!(
        cells(&table),
        [
            vec!["1", "two\r\nlines; \"q\"", "3"],
            vec!["4", "5", ""],
            vec!["6", "7", "8"]
        ]
    );
    assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 6, 7]);
    let unread: Vec<_> = table.unread.iter().map(|u| (u.line, u.reason.clone())).collect();
    assert_eq!(unread, [(5, Reason::BlankRow), (8, Reason::RaggedRow)]);
}

#[test]
fn a_quote_that_is_never_closed_costs_its_line_alone() {
    let text = "a,b\n1,one\n2,\"open\n3,three\n4,four\n";
    let table = rows(text.as_bytes(), &input("csv", ""));
    assert_eq!(
        cells(&table),
        [["1", "one"], ["2", "open"], ["3", "three"], ["4", "four"]]
    );
    assert_eq!(table.rows[1].mended, [Mended::StrayQuote]);
    assert!(table.unread.is_empty());
    let text = "a,b\n1,\"open\n2,two\n3,\"three\" x\n4,\"fo\nur\"\n";
    let table = rows(text.as_bytes(), &input("csv", ""));
    assert_eq!(
        cells(&table),
        [["1", "open"], ["2", "two"], ["3", "three x"], ["4", "fo\nur"]]
    );
}

#[test]
fn separators_are_guessed_and_given() {
    for (text, more) in [
        ("a|b\n1|2\n", ""),
        ("a\tb\n1\t2\n", ""),
        ("a;b\n1;2\n", ""),
        (
            "x\n1~2\n",
            "separator = \"~\"\nskip_lines = 1\ncolumns = [\"a\", \"b\"]",
        ),
    ] {
        let table = rows(text.as_bytes(), &input("csv", more));
        assert_eq!(table.columns, ["a", "b"], "{text}");
        assert_eq!(table.rows.len(), 1, "{text}");
        assert_eq!(table.rows[0].cells, [Some("1".to_owned()), Some("2".to_owned())]);
    }
}

#[test]
fn other_encodings_are_read_or_refused_by_the_row() {
    let text = b"a;b\n\xe9t\xe9;1\nok;2\n";
    let auto = rows(text, &input("csv", ""));
    assert_eq!(auto.rows[0].cells[0].as_deref(), Some("été"));
    assert_eq!(auto.rows[0].mended, [Mended::Encoding]);
    assert!(auto.rows[1].mended.is_empty());
    let strict = rows(text, &input("csv", "encoding = \"utf8\""));
    assert_eq!(
        (strict.rows.len(), strict.unread[0].reason.clone()),
        (1, Reason::BadEncoding)
    );
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("a;b\né;2\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(rows(&wide, &input("csv", "")).rows[0].cells[0].as_deref(), Some("é"));
    assert_eq!(input("csv", "encoding = \"latin-1\"").encoding, Encoding::Latin1);
}

#[test]
fn absent_words_say_nothing() {
    let table = rows(b"a,b\n-,NC\n-,x\n", &input("csv", "absent = [\"-\", \"NC\"]"));
    assert_eq!(table.rows[1].cells, [None, Some("x".to_owned())]);
    assert_eq!(table.rows[0].cells, [None, None]);
}

#[test]
fn json_lines_are_flattened_and_bad_ones_stand_alone() {
    let text = "\u{feff}{\"a\":{\"b\":1},\"k\":[\"x\",\"y\"],\"n\":null}\r\nnot json\n\n[1]\n{\"lat\":NaN,\"t\":\"a NaN \\\" NaN\"}\n";
    let table = rows(text.as_bytes(), &input("jsonl", ""));
    assert_eq!(table.columns, ["a.b", "k", "n", "lat", "t"]);
    assert_eq!(table.rows[0].cells[1].as_deref(), Some("x\u{1f}y"));
    assert_eq!(table.rows[1].cells[4].as_deref(), Some("a NaN \" NaN"));
    assert_eq!(table.rows[1].mended, [Mended::JsonNan]);
    let unread: Vec<_> = table.unread.iter().map(|u| (u.line, u.reason.clone())).collect();
    assert_eq!(unread, [(2, Reason::MalformedJson), (4, Reason::MalformedJson)]);
}
