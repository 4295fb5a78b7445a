//! Commits, snapshots, copies, directories.

use super::{found, titles};
use crate::text::{Accept, Row, TextDoc, TextError, TextIndex, TextQuery};

fn put(index: &mut TextIndex, row: u32, title: &str) {
    index
        .put(
            Row(row),
            &TextDoc {
                title,
                ..TextDoc::default()
            },
        )
        .unwrap();
}

#[test]
fn a_reader_is_not_moved_by_later_commits() {
    let mut index = titles(&["Concert", "Opéra"]);
    let before = index.reader();
    put(&mut index, 0, "Exposition");
    index.remove(Row(1)).unwrap();
    put(&mut index, 2, "Concert");
    assert_eq!(found(&index, "concert"), [0], "not committed yet");
    index.commit().unwrap();
    index.finish().unwrap();
    let hits = before
        .search(&TextQuery::parse("concert"), Accept::All, 1)
        .unwrap()
        .hits;
    assert_eq!(hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>(), [0]);
    assert_eq!(
        (found(&index, "concert"), found(&index, "opera"), index.reader().rows()),
        (vec![2], vec![], 2)
    );
}

#[test]
fn a_copy_stands_by_itself_and_can_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let (first, copy, work) = (
        dir.path().join("first"),
        dir.path().join("copy"),
        dir.path().join("work"),
    );
    let mut index = TextIndex::create(&first).unwrap();
    put(&mut index, 7, "Concert");
    put(&mut index, 8, "Opéra");
    index.commit().unwrap();
    index.remove(Row(8)).unwrap();
    index.commit().unwrap();
    index.copy_to(&copy).unwrap();
    put(&mut index, 9, "Concert");
    index.finish().unwrap();
    drop(index);
    assert_eq!(found(&TextIndex::open(&copy).unwrap(), "concert"), [7]);
    let mut work = TextIndex::open_copy(&copy, &work).unwrap();
    put(&mut work, 10, "Concert");
    work.remove(Row(7)).unwrap();
    work.finish().unwrap();
    assert_eq!((found(&work, "concert"), found(&work, "opera")), (vec![10], vec![]));
    assert_eq!(
        found(&TextIndex::open(&copy).unwrap(), "concert"),
        [7],
        "the artefact is as it was"
    );
    assert_eq!(found(&TextIndex::open(&first).unwrap(), "concert"), [7, 9]);
}

#[test]
fn an_index_in_memory_can_be_copied_to_disk() {
    let dir = tempfile::tempdir().unwrap();
    let index = titles(&["Concert", "Opéra", "\"Concert\" de jazz"]);
    index.copy_to(dir.path()).unwrap();
    assert_eq!(found(&TextIndex::open(dir.path()).unwrap(), "\"concert\""), [0, 2]);
    assert!(matches!(index.copy_to(dir.path()), Err(TextError::Occupied)));
}

#[test]
fn an_empty_index_can_be_copied_and_opened() {
    let dir = tempfile::tempdir().unwrap();
    TextIndex::in_memory().unwrap().copy_to(dir.path()).unwrap();
    let index = TextIndex::open(dir.path()).unwrap();
    assert_eq!(found(&index, "concert"), Vec::<u32>::new());
    assert_eq!(found(&index, ""), Vec::<u32>::new());
}

#[test]
fn what_is_no_index_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(TextIndex::open(dir.path()).is_err());
    std::fs::write(dir.path().join("meta.json"), "{}").unwrap();
    assert!(TextIndex::open(dir.path()).is_err());
    let schema = tantivy::schema::Schema::builder().build();
    let other = tempfile::tempdir().unwrap();
    tantivy::Index::create_in_dir(other.path(), schema).unwrap();
    assert!(matches!(TextIndex::open(other.path()), Err(TextError::OtherFormat)));
}

#[test]
fn many_small_commits_are_merged() {
    let mut index = TextIndex::in_memory().unwrap();
    for row in 0..60 {
        put(&mut index, row % 40, "Concert de jazz");
        index.commit().unwrap();
    }
    assert_eq!(found(&index, "concert jazz").len(), 40);
    index.finish().unwrap();
    assert_eq!(
        (index.reader().segments.len(), found(&index, "concert jazz").len()),
        (1, 40)
    );
}
