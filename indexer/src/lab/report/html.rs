//! The page: what was run, what was found, pictures with their tables, and how long lists took.
//!
//! Invariant: it asks for nothing from any network: no script, no font, no picture of elsewhere.

use std::fmt::Write;

use super::svg::{Series, picture};
use super::{accuracy, best_model};
use crate::lab::rerank::Reranker;
use crate::lab::run::{Duel, Numbers, PLANES, Row, Times};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:2em auto;padding:0 1em;color:#1b1b1f}
h1,h2,h3{line-height:1.2}table{border-collapse:collapse;font-size:13px;margin:.6em 0}caption{text-align:left;color:#555}
th,td{padding:2px 8px;border-bottom:1px solid #ddd;text-align:right;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(430px,1fr));gap:1em}
figure{margin:0}figcaption{font-weight:600}svg{width:100%;height:auto}svg text{font-size:10px;fill:#444}
.grid{stroke:#e4e4e8;fill:none}.key{display:inline-block;margin-right:1.2em;white-space:nowrap}.swatch{display:inline-block;width:1.6em;border-top:3px solid}
.scroll{overflow-x:auto}.bad{color:#a11}.good{color:#06632f}code{background:#f3f3f6;padding:1px 4px}";

const COLOURS: [&str; 8] = [
    "#111111", "#b35900", "#0b62a4", "#7a2d8b", "#008577", "#8a7a00", "#c2185b", "#8b5a2b",
];

/// Text with what HTML reads in it taken out of its power.
pub(super) fn escaped(text: &str) -> String {
    html_escape::encode_double_quoted_attribute(text).into_owned()
}

/// The whole page.
pub(super) fn page(numbers: &Numbers, times: &Times, command: &str) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Accuracy and diversity: {0}</title><style>{STYLE}</style></head><body>\
         <h1>Accuracy and diversity on {0}</h1>",
        escaped(&numbers.data)
    );
    how(&mut out, numbers, command);
    out.push_str("<h2>What was found</h2><ul>");
    for verdict in &numbers.verdicts {
        let _ = write!(out, "<li>{}</li>", escaped(verdict));
    }
    out.push_str("</ul>");
    models(&mut out, numbers);
    prices(&mut out, numbers);
    let best = best_model(numbers).unwrap_or_default().to_owned();
    fronts(&mut out, numbers, &best);
    duels(&mut out, numbers, &best);
    for one in numbers.models.iter().filter(|one| one.model != best) {
        let _ = write!(
            out,
            "<details><summary>{}: fronts and tables</summary>",
            escaped(&one.model)
        );
        fronts(&mut out, numbers, &one.model);
        duels(&mut out, numbers, &one.model);
        out.push_str("</details>");
    }
    timing(&mut out, times);
    out.push_str("</body></html>\n");
    out
}

fn how(out: &mut String, numbers: &Numbers, command: &str) {
    out.push_str("<h2>What was run</h2><table>");
    let mut row = |name: &str, value: &str| {
        let _ = write!(
            out,
            "<tr><td>{}</td><td style=\"text-align:left\">{}</td></tr>",
            escaped(name),
            escaped(value)
        );
    };
    row("command", command);
    row("program", &format!("florilege-indexer {}", numbers.version));
    row("data (SHA-256)", &numbers.data_hash);
    let counts: Vec<String> = numbers
        .counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    row("counts", &counts.join(", "));
    for (name, hash) in &numbers.splits {
        row(&format!("split: {name}"), hash);
    }
    row("judged readers", &numbers.judged.to_string());
    row("options", &numbers.options.to_string());
    out.push_str(
        "</table><p>Every item that anybody in training had is ranked: nothing is sampled. Relevance is each model's \
         score, from the worst (0) to the best (1) of a reader's pool. Intervals are of a paired bootstrap over readers, 95 %; \
         p is two-sided, corrected by Holm over all comparisons of a table. A front's size is the part of the rectangle around \
         all of the model's points that it dominates. Definitions of the metrics: <code>indexer/src/lab/metrics/</code>.</p>",
    );
}

fn models(out: &mut String, numbers: &Numbers) {
    let key = accuracy(numbers);
    let mut keys: Vec<&String> = numbers
        .models
        .first()
        .map_or_else(Vec::new, |one| one.metrics.keys().collect());
    keys.sort_by_key(|name| (**name != key, (*name).clone()));
    out.push_str("<h2>Models by themselves</h2><div class=\"scroll\"><table><tr><th>model</th>");
    for name in &keys {
        let _ = write!(out, "<th>{}</th>", escaped(name));
    }
    out.push_str("<th>nDCG over popularity</th><th>over item-knn</th></tr>");
    for one in &numbers.models {
        let _ = write!(out, "<tr><td>{}</td>", escaped(&one.model));
        for name in &keys {
            let cell = one
                .metrics
                .get(*name)
                .map(|e| format!("{:.4} [{:.4}, {:.4}]", e.value, e.low, e.high));
            let _ = write!(out, "<td>{}</td>", cell.unwrap_or_default());
        }
        for over in [one.over_popularity, one.over_neighbours] {
            let cell = over.map(|d| format!("{:+.4} [{:+.4}, {:+.4}] p {:.4}", d.value, d.low, d.high, d.p_holm));
            let _ = write!(out, "<td>{}</td>", cell.unwrap_or_default());
        }
        out.push_str("</tr>");
    }
    out.push_str("</table></div>");
}

fn prices(out: &mut String, numbers: &Numbers) {
    out.push_str(
        "<h2>The price of the rule</h2><p>No two neighbours of one main genre, on each model's best lists, solved exactly.</p>\
         <table><tr><th>model</th><th>relevance given up</th><th>nDCG given up</th><th>neighbours that break it without</th>\
         <th>places left empty</th><th>greedy as good</th><th>greedy loses, mean</th><th>worst</th><th>proven best</th></tr>",
    );
    for price in &numbers.prices {
        let is = |row: &&Row| row.model == price.model && row.rule && row.reranker == Reranker::Relevance.name();
        let greedy = numbers.rows.iter().find(is).and_then(|row| row.greedy);
        let d = &price.ndcg;
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{:.3} %</td><td>{:+.4} [{:+.4}, {:+.4}]</td><td>{:.1} %</td><td>{:.3}</td>",
            escaped(&price.model),
            100.0 * price.relevance,
            d.value,
            d.low,
            d.high,
            100.0 * price.breaks_without,
            price.missing
        );
        let cells = greedy.map(|g| [g.as_good, g.mean_lost, g.worst_lost, g.proven]);
        for part in cells.into_iter().flatten() {
            let _ = write!(out, "<td>{:.3} %</td>", 100.0 * part);
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>");
}

fn colour(reranker: &str) -> &'static str {
    let at = Reranker::ALL
        .iter()
        .position(|known| known.name() == reranker)
        .unwrap_or(0);
    COLOURS[at]
}

fn fronts(out: &mut String, numbers: &Numbers, model: &str) {
    let rows: Vec<&Row> = numbers.rows.iter().filter(|row| row.model == model).collect();
    let _ = write!(out, "<h2>Fronts of {}</h2><p>", escaped(model));
    for reranker in Reranker::ALL {
        let (name, colour) = (reranker.name(), colour(reranker.name()));
        let _ = write!(
            out,
            "<span class=\"key\"><span class=\"swatch\" style=\"border-color:{colour}\"></span> {name}</span>"
        );
    }
    out.push_str("</p><p>Full lines keep the rule, dashed ones do not; the heavy lines are ours: calibrated + rule, and served + rule.</p><div class=\"plots\">");
    for (plane, less) in PLANES {
        let title = format!(
            "{model}: nDCG against {plane}{}",
            if less { " (less is better)" } else { "" }
        );
        let series: Vec<Series> = Reranker::ALL
            .iter()
            .flat_map(|reranker| [false, true].map(|rule| series(&rows, reranker.name(), rule, plane)))
            .collect();
        let drawn = picture(&title, "nDCG", plane, &series);
        let _ = write!(
            out,
            "<figure><figcaption>{}</figcaption>{drawn}</figure>",
            escaped(&title)
        );
    }
    out.push_str("</div>");
    table(out, &rows);
}

fn series(rows: &[&Row], reranker: &str, rule: bool, plane: &str) -> Series {
    let of = |row: &&&Row| row.reranker == reranker && row.rule == rule;
    let value = |row: &Row, name: &str| row.metrics.get(name).copied().unwrap_or(0.0);
    Series {
        name: format!("{reranker}{}", if rule { " + rule" } else { "" }),
        colour: colour(reranker),
        dashed: !rule,
        ours: rule && Reranker::ALL.iter().any(|own| own.is_ours() && own.name() == reranker),
        points: rows
            .iter()
            .filter(of)
            .map(|row| (value(row, "ndcg"), value(row, plane)))
            .collect(),
    }
}

fn table(out: &mut String, rows: &[&Row]) {
    let names: Vec<&String> = rows.first().map_or_else(Vec::new, |row| row.metrics.keys().collect());
    out.push_str("<details open><summary>Table of these pictures</summary><div class=\"scroll\"><table><tr><th>re-ranker</th><th>strength</th>");
    for name in &names {
        let _ = write!(out, "<th>{}</th>", escaped(name));
    }
    out.push_str("<th>on the front of</th></tr>");
    for row in rows {
        let ruled = if row.rule { " + rule" } else { "" };
        let _ = write!(
            out,
            "<tr><td>{}{ruled}</td><td>{:.2}</td>",
            escaped(&row.reranker),
            row.strength
        );
        for name in &names {
            let _ = write!(out, "<td>{:.4}</td>", row.metrics.get(*name).copied().unwrap_or(0.0));
        }
        let _ = write!(out, "<td>{}</td></tr>", escaped(&row.front_of.join(", ")));
    }
    out.push_str("</table></div></details>");
}

fn duels(out: &mut String, numbers: &Numbers, model: &str) {
    out.push_str(
        "<h3>Our front, calibrated or served + rule, against the others</h3><div class=\"scroll\"><table><caption>Size of fronts as a \
         part of the frame; points of ours that some setting of the other dominates, as measured and in 95 % of \
         draws.</caption><tr><th>plane</th><th>other</th><th>ours</th><th>theirs</th><th>difference</th><th>p (Holm)</th>\
         <th>ours dominated</th><th>surely</th><th>theirs dominated</th></tr>",
    );
    for duel in numbers.duels.iter().filter(|duel| duel.model == model) {
        let d = &duel.difference;
        let class = match (d.p_holm < super::SURE, d.value > 0.0) {
            (true, true) => "good",
            (true, false) => "bad",
            (false, _) => "",
        };
        let _ = write!(
            out,
            "<tr class=\"{class}\"><td>{}</td><td>{}</td><td>{:.4}</td><td>{:.4}</td><td>{:+.4} [{:+.4}, {:+.4}]</td>\
             <td>{:.4}</td><td>{} of {}</td><td>{}</td><td>{} of {}</td></tr>",
            duel.plane,
            rival(duel),
            duel.ours,
            duel.theirs,
            d.value,
            d.low,
            d.high,
            d.p_holm,
            duel.dominated,
            duel.points,
            duel.surely_dominated,
            duel.dominating,
            duel.rival_points
        );
    }
    out.push_str("</table></div>");
}

fn rival(duel: &Duel) -> String {
    format!("{}{}", duel.rival, if duel.rival_rule { " + rule" } else { "" })
}

fn timing(out: &mut String, times: &Times) {
    out.push_str(
        "<h2>Time a list takes</h2><p>Microseconds, mean over readers and strengths, while other threads work: beside the \
         numbers, not among them, and never the same twice.</p><table><tr><th>re-ranker</th><th>µs</th></tr>",
    );
    for (name, micros) in times {
        let _ = write!(out, "<tr><td>{}</td><td>{micros:.1}</td></tr>", escaped(name));
    }
    out.push_str("</table>");
}
