//! French departments and their regions: which one an address is in.
//!
//! Facts of the official geographic code, compiled in from `data/generate/departments.tsv`; read where a venue comes
//! and where a question names a region. Invariant: the table is part of the program and a test reads it, so it cannot
//! fail at work.

use std::sync::LazyLock;

const TEXT: &str = include_str!("../data/generate/departments.tsv");

/// A department or an overseas collectivity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Department {
    /// Its code, such as `35`, `2A` or `974`.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The region that it is part of.
    pub region: &'static str,
    /// Its clock, where that is not the one of Paris.
    pub zone: Option<&'static str>,
}

static ALL: LazyLock<Vec<Department>> = LazyLock::new(|| TEXT.lines().filter_map(department).collect());

fn department(line: &'static str) -> Option<Department> {
    let mut cells = line.split('|');
    let code = cells.next().filter(|code| !code.starts_with('#'))?;
    Some(Department {
        code,
        name: cells.next()?,
        region: cells.next()?,
        zone: cells.next().filter(|zone| !zone.is_empty()),
    })
}

impl Department {
    /// Every department, by code.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The department of a code, however it is written (`1`, `01`, `2a`).
    pub fn find(code: &str) -> Option<&'static Self> {
        let code = code.trim();
        let bare = |text: &'static str| text.trim_start_matches('0');
        let asked = code.trim_start_matches('0');
        let is_code = !asked.is_empty() && code.len() <= 3;
        Self::all()
            .iter()
            .find(|one| is_code && bare(one.code).eq_ignore_ascii_case(asked))
    }

    /// The department of a postal code. A few codes reach over a border; they count to the department that gave them.
    pub fn of_postal_code(code: &str) -> Option<&'static Self> {
        let code = code.trim();
        if code.len() != 5 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        match &code[..2] {
            "20" if code < "20200" => Self::find("2A"),
            "20" => Self::find("2B"),
            "97" | "98" => Self::find(&code[..3]),
            metropolitan => Self::find(metropolitan),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_department() {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(Department::all().len(), lines);
        let metropolitan = Department::all().iter().filter(|one| one.code.len() == 2).count();
        assert_eq!(metropolitan, 96);
    }

    #[test]
    fn codes_are_read_however_they_are_written() {
        let name = |code: &str| Department::find(code).map(|one| one.name);
        assert_eq!(name("1"), Some("Ain"));
        assert_eq!(name("01"), Some("Ain"));
        assert_eq!(name("2a"), Some("Corse-du-Sud"));
        assert_eq!(name("974"), Some("La Réunion"));
        for none in ["", "0", "00", "20", "96", "Ain", "35000"] {
            assert_eq!(name(none), None, "{none}");
        }
    }

    #[test]
    fn postal_codes_tell_the_department() {
        let code = |postal: &str| Department::of_postal_code(postal).map(|one| one.code);
        for (postal, expected) in [
            ("35000", "35"),
            ("01000", "01"),
            ("20000", "2A"),
            ("20137", "2A"),
            ("20200", "2B"),
            ("97400", "974"),
            ("98800", "988"),
        ] {
            assert_eq!(code(postal), Some(expected), "{postal}");
        }
        for none in ["3500", "B-1000", "96000", "", "٣٥٠٠٠"] {
            assert_eq!(code(none), None, "{none}");
        }
    }
}
