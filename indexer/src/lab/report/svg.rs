//! Pictures of fronts, drawn by hand: scaled axes, one line a series, readable without colour.
//!
//! Invariant: a picture has a title that says what it shows, and the table beneath it has all its numbers.

use std::fmt::Write;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 62.0;
const BOTTOM: f64 = 44.0;
const MARGIN: f64 = 14.0;

/// One line of a picture.
pub(super) struct Series {
    /// What it is called.
    pub(super) name: String,
    /// A colour.
    pub(super) colour: &'static str,
    /// Dashed, so that it is told apart without colour.
    pub(super) dashed: bool,
    /// Drawn heavier.
    pub(super) ours: bool,
    /// Its points in order.
    pub(super) points: Vec<(f64, f64)>,
}

struct Axis {
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (from, to) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let room = if to > from { 0.04 * (to - from) } else { 0.5 };
        Self {
            from: from - room,
            to: to + room,
        }
    }

    fn part(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    /// Round numbers, about five.
    fn ticks(&self) -> Vec<f64> {
        let raw = (self.to - self.from) / 5.0;
        let power = 10_f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|step| *step >= raw)
            .unwrap_or(raw);
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step).floor() as i64;
        (first..=last).map(|at| at as f64 * step).collect()
    }
}

/// A picture of some series.
pub(super) fn picture(title: &str, x: &str, y: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|one| one.points.iter());
    if points().next().is_none() {
        return String::new();
    }
    let (across, up) = (Axis::over(points().map(|p| p.0)), Axis::over(points().map(|p| p.1)));
    let at = |p: &(f64, f64)| {
        let left = LEFT + across.part(p.0) * (WIDTH - LEFT - MARGIN);
        (left, HEIGHT - BOTTOM - up.part(p.1) * (HEIGHT - BOTTOM - MARGIN))
    };
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
        super::html::escaped(title)
    );
    axes(&mut out, &across, &up, [x, y]);
    for one in series {
        line(&mut out, one, at);
    }
    out.push_str("</svg>");
    out
}

fn axes(out: &mut String, across: &Axis, up: &Axis, names: [&str; 2]) {
    for tick in across.ticks() {
        let x = LEFT + across.part(tick) * (WIDTH - LEFT - MARGIN);
        let (low, label) = (HEIGHT - BOTTOM, HEIGHT - BOTTOM + 14.0);
        let _ = write!(out, "<path class=\"grid\" d=\"M{x:.1} {MARGIN}V{low}\"/>");
        let _ = write!(
            out,
            "<text x=\"{x:.1}\" y=\"{label}\" text-anchor=\"middle\">{}</text>",
            short(tick)
        );
    }
    for tick in up.ticks() {
        let y = HEIGHT - BOTTOM - up.part(tick) * (HEIGHT - BOTTOM - MARGIN);
        let right = WIDTH - MARGIN;
        let _ = write!(out, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/>");
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 5.0,
            y + 3.5,
            short(tick)
        );
    }
    let (middle, base) = (f64::midpoint(LEFT, WIDTH - MARGIN), HEIGHT - 8.0);
    let _ = write!(
        out,
        "<text x=\"{middle}\" y=\"{base}\" text-anchor=\"middle\">{}</text>",
        names[0]
    );
    let side = f64::midpoint(MARGIN, HEIGHT - BOTTOM);
    let turn = format!("transform=\"rotate(-90 13 {side})\"");
    let _ = write!(
        out,
        "<text x=\"13\" y=\"{side}\" text-anchor=\"middle\" {turn}>{}</text>",
        names[1]
    );
}

fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn line(out: &mut String, one: &Series, at: impl Fn(&(f64, f64)) -> (f64, f64)) {
    let path: Vec<String> = one
        .points
        .iter()
        .map(&at)
        .map(|(x, y)| format!("{x:.1} {y:.1}"))
        .collect();
    let dash = if one.dashed { " stroke-dasharray=\"4 3\"" } else { "" };
    let (width, radius) = if one.ours { (2.6, 3.2) } else { (1.2, 2.0) };
    let (colour, name) = (one.colour, super::html::escaped(&one.name));
    let _ = write!(out, "<g stroke=\"{colour}\" fill=\"{colour}\"><title>{name}</title>");
    let _ = write!(
        out,
        "<path d=\"M{}\" fill=\"none\" stroke-width=\"{width}\"{dash}/>",
        path.join("L")
    );
    for (x, y) in one.points.iter().map(&at) {
        let _ = write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" stroke=\"none\"/>"
        );
    }
    out.push_str("</g>");
}
