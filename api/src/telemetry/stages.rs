//! Stages of a call: what it waited for and for how long, told in its log line and in its trace.
//!
//! Kept with the task that answers the call. Invariant: a stage is a word of the program, never a datum of a request;
//! outside a call nothing is noted.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static STAGES: RefCell<Stages>;
}

/// The stages of one call, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stages(pub(super) Vec<Stage>);

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) begun: Instant,
    pub(super) took: Duration,
}

impl fmt::Display for Stages {
    /// `body=0.012 queue=0.004 engine=1.730`, in milliseconds.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, stage) in self.0.iter().enumerate() {
            let space = if at > 0 { " " } else { "" };
            write!(out, "{space}{}={:.3}", stage.name, stage.took.as_secs_f64() * 1_000.0)?;
        }
        Ok(())
    }
}

/// Runs a call; what it gives, and its stages.
pub(crate) async fn noted<T>(call: impl Future<Output = T>) -> (T, Stages) {
    let whole = async {
        let done = call.await;
        (done, STAGES.with(RefCell::take))
    };
    STAGES.scope(RefCell::default(), whole).await
}

/// Notes a stage of the call that this task answers.
pub(crate) fn note(name: &'static str, begun: Instant, took: Duration) {
    let stage = Stage { name, begun, took };
    // Outside a call there is nobody to tell.
    let _ = STAGES.try_with(|stages| stages.borrow_mut().0.push(stage));
}

/// Awaits something as a stage.
pub(crate) async fn timed<T>(name: &'static str, waited_for: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = waited_for.await;
    note(name, begun, begun.elapsed());
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_has_its_own_stages() {
        let wait = |ms| tokio::time::sleep(Duration::from_millis(ms));
        let one = noted(async {
            timed("body", wait(3)).await;
            timed("engine", wait(20)).await;
        });
        let other = noted(timed("queue", wait(7)));
        let ((_, one), (_, other)) = tokio::join!(one, other);
        let told = |stages: &Stages| -> Vec<(&str, u128)> {
            let all = stages.0.iter();
            all.map(|stage| (stage.name, stage.took.as_millis())).collect()
        };
        let [("body", first), ("engine", second)] = told(&one)[..] else {
            panic!("{one}")
        };
        assert!(first >= 3 && second >= 20, "{one}");
        assert!(
            matches!(told(&other)[..], [("queue", waited)] if waited >= 7),
            "{other}"
        );
        timed("nowhere", wait(1)).await;
    }

    #[test]
    fn stages_are_told_in_milliseconds() {
        let begun = Instant::now();
        let stage = |name, micros| Stage {
            name,
            begun,
            took: Duration::from_micros(micros),
        };
        let stages = Stages(vec![stage("body", 12), stage("engine", 1_730)]);
        assert_eq!(stages.to_string(), "body=0.012 engine=1.730");
        assert_eq!(Stages::default().to_string(), "");
    }
}
