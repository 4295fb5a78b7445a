//! Fronts: which points no other beats at both accuracy and diversity, and how much plane lies beneath them.
//!
//! Both axes grow for the better; a measure that should be small is negated first. Invariant: a point never dominates an
//! equal one.

/// (accuracy, diversity).
pub type Point = (f64, f64);

/// Whether one is at least as good at both and better at one.
#[must_use]
pub fn dominates(one: Point, other: Point) -> bool {
    one.0 >= other.0 && one.1 >= other.1 && (one.0 > other.0 || one.1 > other.1)
}

/// Which points no other dominates.
#[must_use]
pub fn on_front(points: &[Point]) -> Vec<bool> {
    let free = |point: &Point| !points.iter().any(|other| dominates(*other, *point));
    points.iter().map(free).collect()
}

/// A rectangle that everything is measured in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    worst: Point,
    best: Point,
}

impl Frame {
    /// From the worst of both axes to the best.
    #[must_use]
    pub fn around(points: &[Point]) -> Self {
        let fold = |pick: fn(f64, f64) -> f64, start: f64| {
            points
                .iter()
                .fold((start, start), |(x, y), p| (pick(x, p.0), pick(y, p.1)))
        };
        Self {
            worst: fold(f64::min, f64::INFINITY),
            best: fold(f64::max, f64::NEG_INFINITY),
        }
    }

    /// The part of the frame that the points dominate: 0 is nothing, 1 would be the best of both at once.
    #[must_use]
    pub fn volume(&self, points: &[Point]) -> f64 {
        let (width, height) = (self.best.0 - self.worst.0, self.best.1 - self.worst.1);
        if points.is_empty() || width.is_nan() || height.is_nan() || width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let mut sorted: Vec<Point> = points.to_vec();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let (mut area, mut reached) = (0.0, self.worst.1);
        for (x, y) in sorted {
            if y > reached && x > self.worst.0 {
                area += (x - self.worst.0) * (y - reached);
                reached = y;
            }
        }
        area / (width * height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::random::Random;

    #[test]
    fn the_volume_is_what_a_grid_counts() {
        let frame = Frame::around(&[(0.0, 0.0), (1.0, 1.0)]);
        for seed in 0..20 {
            let mut random = Random::new(seed, 3);
            let points: Vec<Point> = (0..6).map(|_| (random.unit(), random.unit())).collect();
            let steps = 400;
            let mut inside = 0;
            for i in 0..steps {
                for j in 0..steps {
                    let at = (
                        (f64::from(i) + 0.5) / f64::from(steps),
                        (f64::from(j) + 0.5) / f64::from(steps),
                    );
                    inside += i32::from(points.iter().any(|p| p.0 >= at.0 && p.1 >= at.1));
                }
            }
            let counted = f64::from(inside) / f64::from(steps * steps);
            assert!((frame.volume(&points) - counted).abs() < 5e-3, "seed {seed}");
        }
    }

    #[test]
    fn a_front_holds_what_nothing_beats() {
        let points = [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0), (0.4, 0.5), (0.5, 0.5)];
        assert_eq!(on_front(&points), [true, true, true, false, true]);
        assert!(!dominates((1.0, 1.0), (1.0, 1.0)));
        assert_eq!(Frame::around(&points).volume(&[]), 0.0);
        assert_eq!(Frame::around(&[(1.0, 1.0)]).volume(&[(1.0, 1.0)]), 0.0);
    }
}
