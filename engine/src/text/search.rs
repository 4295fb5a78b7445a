//! From a query to all matching rows with their ranks.
//!
//! Third stage of search. Per segment: the scarcest word (or the accepted rows, when they are fewer) gives the
//! candidates, the others thin them out, then neighbours, whole names and accents add to their ranks. Invariant:
//! exactly the rows that `twin::matches` keeps, each once, and the work is bounded by the lists of the query's terms.

use std::rc::Rc;

use super::expand::{Automata, Expanded, Ways, expand};
use super::gate::{Accept, Gate};
use super::plan::Plan;
use super::query::TextQuery;
use super::rank::{Grade, Tally, TextRank};
use super::reader::TextReader;
use super::walk::{Union, each, meet};
use super::{Row, TextError};

/// Accepted rows drive a search when the scarcest word has this many times more documents.
const SCARCE: u64 = 12;

/// A word with fewer documents is walked, whatever is accepted.
const MANY: u64 = if cfg!(test) { 8 } else { 2_000 };

/// One matching row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub row: Row,
    /// How well.
    pub rank: TextRank,
}

/// All matching rows, in no order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// The rows with their ranks, each once.
    pub hits: Vec<Hit>,
    /// How strictly the query was taken; the first plan of the ladder that found enough.
    pub plan: Plan,
}

impl TextReader {
    /// All words as they are; when that finds less than `enough` rows (at least one), all words with typos; then
    /// fewer and fewer words: those that nothing has first, then the most common.
    pub fn search(&self, query: &TextQuery, accept: Accept<'_>, enough: usize) -> Result<Matches, TextError> {
        let enough = enough.max(1);
        let gate = Gate::of(accept);
        let expanded = expand(self, query, &Automata::none())?;
        let hits = run_all(&expanded, query, &Plan::STRICT, &gate)?;
        if hits.len() >= enough || query.units.is_empty() {
            return Ok(Matches {
                hits,
                plan: Plan::STRICT,
            });
        }
        let expanded = expand(self, query, &Automata::of(query, &self.fields)?)?;
        let mut order = let_go_order(&expanded, query).into_iter();
        let mut plan = Plan {
            typos: true,
            dropped: Vec::new(),
        };
        loop {
            let hits = run_all(&expanded, query, &plan, &gate)?;
            if hits.len() >= enough {
                return Ok(Matches { hits, plan });
            }
            match order.next() {
                Some(dropped) => plan.dropped.push(dropped),
                None => {
                    let plan = if hits.is_empty() {
                        Plan {
                            typos: true,
                            dropped: Vec::new(),
                        }
                    } else {
                        plan
                    };
                    return Ok(Matches { hits, plan });
                }
            }
        }
    }

    /// All rows that match by a given plan: the one of the first page, for the pages that follow.
    pub fn search_by(&self, query: &TextQuery, plan: &Plan, accept: Accept<'_>) -> Result<Vec<Hit>, TextError> {
        let automata = if plan.typos {
            Automata::of(query, &self.fields)?
        } else {
            Automata::none()
        };
        run_all(&expand(self, query, &automata)?, query, plan, &Gate::of(accept))
    }
}

/// The required units in the order in which they are let go, all but the last one.
fn let_go_order(expanded: &[Expanded<'_>], query: &TextQuery) -> Vec<usize> {
    let size = |at: usize| expanded.iter().map(|segment| segment.units[at].size()).sum::<u64>();
    let mut order: Vec<(u64, usize)> = (0..query.units.len())
        .filter(|at| query.units[*at].required)
        .map(|at| (size(at), at))
        .collect();
    let unknown = |size: u64| size == 0;
    order.sort_by(|one, two| {
        unknown(two.0)
            .cmp(&unknown(one.0))
            .then(two.0.cmp(&one.0))
            .then(two.1.cmp(&one.1))
    });
    order.pop();
    order.into_iter().map(|(_, at)| at).collect()
}

fn run_all(expanded: &[Expanded<'_>], query: &TextQuery, plan: &Plan, gate: &Gate<'_>) -> Result<Vec<Hit>, TextError> {
    let mut hits = Vec::new();
    for segment in expanded {
        Run {
            expanded: segment,
            query,
            plan,
            gate,
        }
        .collect(&mut hits)?;
    }
    Ok(hits)
}

/// One search in one segment.
pub(super) struct Run<'a> {
    pub(super) expanded: &'a Expanded<'a>,
    pub(super) query: &'a TextQuery,
    pub(super) plan: &'a Plan,
    pub(super) gate: &'a Gate<'a>,
}

/// Documents that may match, in order, with what was found of them so far.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) docs: Vec<u32>,
    tallies: Vec<Tally>,
}

impl Run<'_> {
    fn collect(&self, hits: &mut Vec<Hit>) -> Result<(), TextError> {
        let mut required: Vec<usize> = (0..self.query.units.len()).filter(|at| self.is_kept(*at)).collect();
        let size = |at: &usize| self.expanded.units[*at].size();
        if required.iter().any(|at| size(at) == 0) {
            return Ok(());
        }
        if self.is_single(&required) {
            return self.collect_single(required[0], hits);
        }
        required.sort_by_key(|at| (size(at), *at));
        let mut candidates = self.candidates(&mut required)?;
        for at in required {
            candidates.keep(self.expanded, &self.expanded.units[at])?;
        }
        for excluded in &self.expanded.excluded {
            candidates.drop_met(self.expanded, excluded)?;
        }
        if !candidates.docs.is_empty() {
            self.finish(&mut candidates)?;
            self.emit(&candidates, hits);
        }
        Ok(())
    }

    fn is_kept(&self, at: usize) -> bool {
        self.query.units[at].required && !self.plan.dropped.contains(&at)
    }

    /// The first candidates; takes the units that gave them off the list.
    fn candidates(&self, required: &mut Vec<usize>) -> Result<Candidates, TextError> {
        let segment = self.expanded.segment;
        let scarcest = required.first().map(|at| &self.expanded.units[*at]);
        if let Some(rows) = self.driving(scarcest)? {
            return self.candidates_among(&rows, required);
        }
        let Some(scarcest) = scarcest else {
            let docs = (0..segment.reader.max_doc()).filter(|doc| self.passes(*doc)).collect();
            return Ok(Candidates::untold(docs));
        };
        required.remove(0);
        self.candidates_of(scarcest)
    }

    /// The accepted rows, where they are so few that they should be looked up in the lists.
    pub(super) fn driving(&self, scarcest: Option<&Ways<'_>>) -> Result<Option<Rc<[u32]>>, TextError> {
        let segment = self.expanded.segment;
        let size = scarcest.map_or(u64::from(segment.reader.max_doc()), Ways::size);
        let flat = match scarcest {
            Some(ways) => ways.is_flat(),
            None => true,
        };
        let times = if flat { 1 } else { SCARCE };
        if size < MANY {
            return Ok(None);
        }
        let few = self
            .gate
            .about()
            .is_some_and(|about| about.saturating_mul(times) < size);
        Ok(if few { self.gate.rows() } else { None })
    }

    /// Candidates among the accepted rows: those that common words hold first, which costs least.
    pub(super) fn candidates_among(&self, rows: &[u32], required: &mut Vec<usize>) -> Result<Candidates, TextError> {
        let segment = self.expanded.segment;
        let (flat, listed): (Vec<usize>, Vec<usize>) =
            required.iter().partition(|at| self.expanded.units[**at].is_flat());
        *required = listed;
        let mut grades = Vec::with_capacity(flat.len());
        for at in flat {
            grades.extend(self.expanded.units[at].flat(segment)?);
        }
        let docs = segment.columns.docs_of(rows);
        let met = docs.filter(|doc| grades.iter().all(|grades| grades[*doc as usize] != 0));
        let mut docs: Vec<u32> = met.filter(|doc| segment.is_alive(*doc)).collect();
        docs.sort_unstable();
        let mut candidates = Candidates::untold(docs);
        for (doc, tally) in candidates.docs.iter().zip(&mut candidates.tallies) {
            grades
                .iter()
                .for_each(|grades| tally.add(Grade::of_byte(grades[*doc as usize])));
        }
        Ok(candidates)
    }

    fn candidates_of(&self, ways: &Ways<'_>) -> Result<Candidates, TextError> {
        let segment = self.expanded.segment;
        let mut candidates = Candidates::default();
        let mut push = |doc: u32, grade: Grade| {
            if self.passes(doc) {
                let mut tally = Tally::default();
                tally.add(grade);
                candidates.docs.push(doc);
                candidates.tallies.push(tally);
            }
        };
        if let Some(flat) = ways.flat(segment)? {
            each_met(flat, &mut push);
            return Ok(candidates);
        }
        if let [way] = ways.list.as_slice() {
            each(way, segment, &mut push)?;
            return Ok(candidates);
        }
        let mut union = Union::over(segment.reader.max_doc());
        for way in &ways.list {
            each(way, segment, &mut |doc, grade| union.raise(doc, grade))?;
        }
        union.drain(&mut |doc, grade, _| push(doc, grade));
        Ok(candidates)
    }

    fn passes(&self, doc: u32) -> bool {
        self.expanded.segment.is_alive(doc) && self.gate.passes(self.expanded.segment.columns.rows[doc as usize])
    }

    /// What ranks but does not decide: words let go, neighbours, accents, whole names.
    pub(super) fn finish(&self, candidates: &mut Candidates) -> Result<(), TextError> {
        for dropped in &self.plan.dropped {
            let grades = candidates.grades(self.expanded, &self.expanded.units[*dropped])?;
            candidates
                .tallies
                .iter_mut()
                .zip(grades)
                .for_each(|(tally, grade)| tally.add(grade));
        }
        for pair in &self.expanded.pairs {
            let met = candidates.met(self.expanded, pair)?;
            candidates
                .tallies
                .iter_mut()
                .zip(met)
                .for_each(|(tally, met)| tally.pairs += u8::from(met));
        }
        for accent in self.expanded.accents.iter().flatten() {
            let met = candidates.met(self.expanded, accent)?;
            let tallies = candidates.tallies.iter_mut().zip(met);
            tallies.for_each(|(tally, met)| tally.accents += u8::from(met));
        }
        if let Some(whole) = &self.expanded.whole {
            let grades = candidates.grades(self.expanded, whole)?;
            let tallies = candidates.tallies.iter_mut().zip(grades);
            tallies.for_each(|(tally, grade)| tally.whole = grade.tier());
        }
        Ok(())
    }

    pub(super) fn emit(&self, candidates: &Candidates, hits: &mut Vec<Hit>) {
        let columns = &self.expanded.segment.columns;
        hits.reserve(candidates.docs.len());
        for (doc, tally) in candidates.docs.iter().zip(&candidates.tallies) {
            let doc = *doc as usize;
            let rank = TextRank::from(tally.criteria(columns.title_words[doc]));
            hits.push(Hit {
                row: Row(columns.rows[doc]),
                rank,
            });
        }
    }
}

/// Every document that is met, with its grade.
pub(super) fn each_met(flat: &[u8], mut found: impl FnMut(u32, Grade)) {
    for (doc, grade) in flat.iter().enumerate() {
        if *grade != 0 {
            found(doc as u32, Grade::of_byte(*grade));
        }
    }
}

impl Candidates {
    /// Documents of which nothing is known yet.
    fn untold(docs: Vec<u32>) -> Self {
        Self {
            tallies: vec![Tally::default(); docs.len()],
            docs,
        }
    }

    /// The best grade of each candidate for one unit.
    fn grades(&self, expanded: &Expanded<'_>, ways: &Ways<'_>) -> Result<Vec<Grade>, TextError> {
        if let Some(flat) = ways.flat(expanded.segment)? {
            let of = |doc: &u32| Grade::of_byte(flat[*doc as usize]);
            return Ok(self.docs.iter().map(of).collect());
        }
        let mut grades = vec![Grade::NONE; self.docs.len()];
        for way in &ways.list {
            meet(way, expanded.segment, &self.docs, &mut |at, grade, _| {
                grades[at] = grades[at].max(grade)
            })?;
        }
        Ok(grades)
    }

    /// Which candidates a unit meets at all.
    fn met(&self, expanded: &Expanded<'_>, ways: &Ways<'_>) -> Result<Vec<bool>, TextError> {
        if let Some(flat) = ways.flat(expanded.segment)? {
            return Ok(self.docs.iter().map(|doc| flat[*doc as usize] != 0).collect());
        }
        let mut met = vec![false; self.docs.len()];
        for way in &ways.list {
            meet(way, expanded.segment, &self.docs, &mut |at, _, _| met[at] = true)?;
        }
        Ok(met)
    }

    /// Keeps those that have the unit, and adds its grade.
    pub(super) fn keep(&mut self, expanded: &Expanded<'_>, ways: &Ways<'_>) -> Result<(), TextError> {
        if self.docs.is_empty() {
            return Ok(());
        }
        let grades = self.grades(expanded, ways)?;
        self.tallies
            .iter_mut()
            .zip(&grades)
            .for_each(|(tally, grade)| tally.add(*grade));
        self.retain(|at| grades[at].is_met());
        Ok(())
    }

    fn drop_met(&mut self, expanded: &Expanded<'_>, ways: &Ways<'_>) -> Result<(), TextError> {
        let met = self.met(expanded, ways)?;
        self.retain(|at| !met[at]);
        Ok(())
    }

    fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for at in 0..self.docs.len() {
            if keep(at) {
                self.docs[kept] = self.docs[at];
                self.tallies[kept] = self.tallies[at];
                kept += 1;
            }
        }
        self.docs.truncate(kept);
        self.tallies.truncate(kept);
    }
}
