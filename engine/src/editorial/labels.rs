//! Labels: a reason to put offers forward, given by an editor or a territory.
//!
//! A label document says how a label of the taxonomy is shown, and to which offers it is given beside those that
//! bear it already. Invariant: a label that passed its check names a label of the taxonomy.

use serde::{Deserialize, Serialize};

use super::playlist::{Pick, Rule, check_picks};
use super::{Body, Head, MAX_TEXT, Standing};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::query::Filters;
use crate::taxonomy::Taxonomy;

/// How a label is shown, and who gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Its identifier.
    pub id: DocumentId,
    /// What readers see.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The label of the taxonomy that it stands for; its own identifier where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whose it is; it is then given to nothing outside this territory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Given to these offers and works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub picks: Vec<Pick>,
    /// Given to what this finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// How much it puts forward, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boost: Option<f64>,
    /// A colour for the app, such as `#5B2A86`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// A picture for the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

impl Label {
    /// The label of the taxonomy.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(self.id.as_str())
    }

    /// Whether it gives its label to anything, beside saying how it is shown.
    #[must_use]
    pub fn gives(&self) -> bool {
        !self.picks.is_empty() || self.filters().is_some()
    }

    /// The filters of its rule, of whatever can be booked or not; none where there is no rule, or one that asks for more
    /// than an offer and its venue say: words, or labels.
    #[must_use]
    pub fn filters(&self) -> Option<Filters> {
        let rule = self.rule.as_ref()?;
        let told = rule.q.trim().is_empty() && rule.filters.labels.is_empty();
        told.then(|| Filters {
            bookable_only: false,
            ..rule.filters.clone()
        })
    }
}

impl Body for Label {
    const KIND: DocumentKind = DocumentKind::Labels;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.limit_text(self.description.as_deref().unwrap_or(""), MAX_TEXT, "/description");
        faults.limit_text(self.icon.as_deref().unwrap_or(""), 2_048, "/icon");
        let known = taxonomy.labels().iter().any(|label| label == self.label());
        faults.require(known, "/label", Code::UnknownValue, || {
            format!("the taxonomy declares {}", taxonomy.labels().join(", "))
        });
        faults.within("/picks", |faults| check_picks(&self.picks, faults));
        let placeless = self.picks.iter().position(|pick| pick.rank.is_some());
        if let Some(place) = placeless {
            faults.require(false, &format!("/picks/{place}/rank"), Code::InvalidValue, || {
                "a label gives no rank".into()
            });
        }
        if let Some(rule) = &self.rule {
            faults.within("/rule", |faults| rule.check(taxonomy, faults));
            faults.require(rule.q.trim().is_empty(), "/rule/q", Code::InvalidValue, || {
                "a label is given by filters: words find more or less as the catalogue changes".into()
            });
            faults.require(
                rule.filters.labels.is_empty(),
                "/rule/filters/labels",
                Code::InvalidValue,
                || "a label is not given for another".into(),
            );
        }
        let boost = self.boost.is_none_or(|boost| (0.0..=1.0).contains(&boost));
        faults.require(boost, "/boost", Code::InvalidValue, || "between 0 and 1".into());
        let hex =
            |text: &str| text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit());
        let color = self.color.as_deref().is_none_or(hex);
        faults.require(color, "/color", Code::InvalidValue, || "a colour is #RRGGBB".into());
    }
}
