//! Progress bars on standard error, for whoever waits.
//!
//! Invariant: standard output is never touched, so that `--json` stays JSON.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether and where progress is shown.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// On standard error, where that is a terminal.
    pub const fn shown() -> Self {
        Self { shown: true }
    }

    /// Not at all.
    pub const fn silent() -> Self {
        Self { shown: false }
    }

    /// A bar for a step of so many parts.
    pub fn bar(&self, step: &'static str, length: u64) -> ProgressBar {
        if !self.shown {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{msg:>10} {wide_bar} {human_pos}/{human_len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(step);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}
