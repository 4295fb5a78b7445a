//! What every page knows: its language, who looks, where it stands in the menu, its tokens.
//!
//! Templates hold one as `p`. Invariant: a page's form marks are drawn anew each time it is made.

use std::fmt::Display;

use florilege_engine::editorial::lint::{Message, Severity};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::differences::Difference;
use super::session::draw;
use super::words::Lang;
use crate::store::{Account, Role};

/// The zone where a venue says none, as in the engine.
const ZONE: &str = "Europe/Paris";

/// Facts of a page.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) lang: Lang,
    /// Its entry of the menu.
    pub(super) at: &'static str,
    path: String,
    who: Option<Account>,
    pub(super) csrf: String,
}

/// One entry of the menu.
pub(super) struct Entry {
    /// Its name in the words and the icons.
    pub(super) name: &'static str,
    /// Where it leads.
    pub(super) path: &'static str,
    /// Who sees it.
    role: Role,
}

const fn entry(name: &'static str, path: &'static str, role: Role) -> Entry {
    Entry { name, path, role }
}

/// The menu, in its order.
const MENU: [Entry; 11] = [
    entry("overview", "/studio", Role::Reader),
    entry("playlists", "/studio/playlists", Role::Reader),
    entry("homes", "/studio/homes", Role::Reader),
    entry("calendar", "/studio/calendar", Role::Reader),
    entry("why", "/studio/why", Role::Reader),
    entry("map", "/studio/map", Role::Reader),
    entry("numbers", "/studio/numbers", Role::Reader),
    entry("personas", "/studio/personas", Role::Reader),
    entry("audit", "/studio/audit", Role::Reader),
    entry("keys", "/studio/keys", Role::Admin),
    entry("accounts", "/studio/accounts", Role::Admin),
];

/// The zone of times that are shown and typed.
pub(super) fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

impl Page {
    pub(super) fn new(lang: Lang, at: &'static str, path: &str, who: Option<&Account>, csrf: &str) -> Self {
        Self {
            lang,
            at,
            path: path.to_owned(),
            who: who.cloned(),
            csrf: csrf.to_owned(),
        }
    }

    /// The words of a key.
    pub(super) fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    /// The words of a key made of two parts.
    pub(super) fn tt(&self, head: &str, tail: impl Display) -> String {
        let key = format!("{head}-{tail}").replace('_', "-");
        if self.lang.has(&key) {
            self.lang.t(&key)
        } else {
            tail.to_string()
        }
    }

    /// The words of a key about a number or a text.
    pub(super) fn n(&self, key: &str, value: impl Display) -> String {
        self.lang.n(key, value)
    }

    /// The menu for who looks.
    pub(super) fn menu(&self) -> impl Iterator<Item = &'static Entry> {
        let role = self.who.as_ref().map(|who| who.role);
        MENU.iter()
            .filter(move |entry| role.is_some_and(|role| role >= entry.role))
    }

    /// Who looks.
    pub(super) fn login(&self) -> &str {
        self.who.as_ref().map_or("", |who| &who.login)
    }

    /// The role of who looks.
    pub(super) fn role(&self) -> &'static str {
        self.who.as_ref().map_or("", |who| who.role.as_str())
    }

    /// Whether who looks may do what a role may.
    pub(super) fn may(&self, role: Role) -> bool {
        self.who.as_ref().is_some_and(|who| who.role >= role)
    }

    /// Whether who looks may save drafts.
    pub(super) fn may_edit(&self) -> bool {
        self.may(Role::Editor)
    }

    /// Whether who looks may publish.
    pub(super) fn may_publish(&self) -> bool {
        self.may(Role::Publisher)
    }

    /// The territories of who looks, to read; empty means everywhere.
    pub(super) fn territories(&self) -> String {
        self.who
            .as_ref()
            .map_or_else(String::new, |who| who.territories.join(", "))
    }

    /// A mark for one form.
    pub(super) fn once(&self) -> String {
        draw::<16>().unwrap_or_default()
    }

    /// The other language.
    pub(super) fn other(&self) -> Lang {
        match self.lang {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        }
    }

    /// Where this page is, to come back to.
    pub(super) fn here(&self) -> String {
        form_urlencoded::byte_serialize(self.path.as_bytes()).collect()
    }

    /// What happened before this page, as `?said=` tells, if it is one of ours.
    pub(super) fn said(&self) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let said = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "said")?
            .1;
        let key = format!("said-{said}");
        self.lang.has(&key).then(|| self.lang.t(&key))
    }

    /// A day, to read.
    pub(super) fn day(&self, at: impl std::borrow::Borrow<Timestamp>) -> String {
        at.borrow().to_zoned(zone()).strftime("%Y-%m-%d").to_string()
    }

    /// A minute, to read.
    pub(super) fn minute(&self, at: impl std::borrow::Borrow<Timestamp>) -> String {
        at.borrow().to_zoned(zone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// How bad a message is, as the styles call it.
    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) const fn severity(&self, message: &Message) -> &'static str {
        match message.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }

    /// The field of a difference, in words; its pointer where it has none.
    pub(super) fn field(&self, one: &Difference) -> String {
        let key = format!("field-{}", one.field);
        if self.lang.has(&key) {
            self.lang.t(&key)
        } else {
            one.pointer.clone()
        }
    }

    /// Changes when the assets do, so that browsers may keep them.
    pub(super) fn build(&self) -> &'static str {
        super::assets::build()
    }
}
