//! Homes looked over: modules that nobody can see, playlists that are not there, and who wins over whom.
//!
//! Invariant: a conflict is told by the order that serving follows ([`crate::home`]).

use super::{nobody, over, warning};
use crate::editorial::audience::{Ages, Audience};
use crate::editorial::lint::{Message, Severity};
use crate::editorial::{Home, Published};
use crate::home::precedence;
use crate::live::Generation;
use crate::time::Moment;

/// What the catalogue says of a home that passed its check.
pub(super) fn resolved(generation: &Generation, home: &Home, now: Moment) -> Vec<Message> {
    let editorial = generation.catalogue().editorial();
    let mut messages = nobody(generation, &home.audience, "/audience");
    messages.extend(over(home.schedule.to, now));
    for (place, module) in home.modules.iter().enumerate() {
        let pointer = format!("/modules/{place}");
        messages.extend(nobody(
            generation,
            &module.conditions.audience(),
            &format!("{pointer}/conditions"),
        ));
        if let Some(what) = contradiction(&home.audience, &module.conditions.audience()) {
            let message = format!("no reader of this home has the {what} that the module asks for");
            messages.push(warning(
                format!("{pointer}/conditions/{what}"),
                "nobody",
                message,
                "widen one of the two audiences",
            ));
        }
        for (at, id) in module.conditions.closures.iter().enumerate() {
            if editorial.closures().get(id.as_str()).is_none() {
                let at = format!("{pointer}/conditions/closures/{at}");
                messages.push(warning(
                    at,
                    "unpublished_closure",
                    format!("no closure {id} is published"),
                    "publish it, or mend its name",
                ));
            }
        }
        if module.diversity.as_ref().is_some_and(|said| said.strength.is_some()) {
            messages.push(warning(
                format!("{pointer}/diversity/strength"),
                "met_over_the_page",
                "variety is met over the whole page: the strength of one module is not looked at",
                "say rules of the module, or the strength in the scenario",
            ));
        }
        let Some(id) = &module.playlist else { continue };
        match editorial.playlists().get(id.as_str()) {
            None => {
                let message = format!("no playlist {id} is published: the module will not be shown");
                messages.push(warning(
                    format!("{pointer}/playlist"),
                    "unpublished_playlist",
                    message,
                    "publish the playlist first",
                ));
            }
            Some(playlist) => {
                if let Some(what) = contradiction(&home.audience, &playlist.body.audience) {
                    let message = format!("no reader of this home has the {what} that playlist {id} asks for");
                    messages.push(warning(
                        format!("{pointer}/playlist"),
                        "nobody",
                        message,
                        "widen one of the two audiences",
                    ));
                }
            }
        }
    }
    messages.extend(hidden(generation, home));
    messages
}

/// What two audiences cannot share.
fn contradiction(a: &Audience, b: &Audience) -> Option<&'static str> {
    let apart = |a: &[String], b: &[String]| !a.is_empty() && !b.is_empty() && !a.iter().any(|one| b.contains(one));
    let ids = |audience: &Audience| -> Vec<String> { audience.personas.iter().map(ToString::to_string).collect() };
    let ages = |a: Ages, b: Ages| !(0..=u8::MAX).any(|age| a.includes(Some(age)) && b.includes(Some(age)));
    let known = matches!((a.logged_in, b.logged_in), (Some(a), Some(b)) if a != b);
    [
        (apart(&ids(a), &ids(b)), "personas"),
        (ages(a.ages, b.ages), "ages"),
        (apart(&a.territories, &b.territories), "territories"),
        (known, "logged_in"),
    ]
    .into_iter()
    .find(|(holds, _)| *holds)
    .map(|(_, what)| what)
}

/// Homes for everybody that win over this one.
fn hidden(generation: &Generation, home: &Home) -> Vec<Message> {
    let draft = Published {
        id: home.id.clone(),
        version: 0,
        territory: home.territory.clone(),
        body: home.clone(),
    };
    let everybody = |other: &Home| {
        other.audience.is_everybody() && other.schedule == crate::editorial::audience::Schedule::default()
    };
    let homes = generation.catalogue().editorial().homes().iter();
    let wins = homes.filter(|other| {
        let covers = other.territory.is_none() || other.territory == draft.territory;
        other.id != draft.id && covers && everybody(&other.body) && precedence(other) < precedence(&draft)
    });
    wins.map(|other| Message {
        severity: Severity::Info,
        pointer: "/priority".to_owned(),
        code: "hidden_by",
        message: format!(
            "home {} is for everybody and comes first: this one is shown to nobody",
            other.id
        ),
        mend: Some(
            "raise the priority; over a frame of the whole country nothing of a territory comes first".to_owned(),
        ),
    })
    .collect()
}
