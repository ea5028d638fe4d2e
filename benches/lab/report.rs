//! Rows of figures, printed as the table that docs/benchmarks.md shows.

use std::fmt;
use std::time::{Duration, Instant};

/// One comparison.
struct Row {
    what: String,
    cold: String,
    ours: String,
    by_hand: String,
    ratio: String,
    target: &'static str,
}

#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

/// Figures of one thing, in seconds; the first one is the cold one.
#[derive(Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// Does it so often.
    pub fn of(rounds: usize, mut once: impl FnMut() -> Duration) -> Times {
        let mut times = Times::default();
        for _ in 0..rounds {
            times.push(once());
        }
        times
    }

    pub fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
    }

    fn cold(&self) -> f64 {
        self.0[0]
    }

    /// Of all but the first, where there are several.
    pub fn median(&self) -> f64 {
        let mut warm = match self.0.len() {
            1 => self.0.clone(),
            _ => self.0[1..].to_vec(),
        };
        warm.sort_by(f64::total_cmp);
        let middle = warm.len() / 2;
        match warm.len() % 2 {
            0 => f64::midpoint(warm[middle - 1], warm[middle]),
            _ => warm[middle],
        }
    }
}

impl Report {
    /// Ours beside Docker's CLI by hand.
    pub fn compare(&mut self, what: &str, ours: &Times, by_hand: &Times, target: &'static str) {
        self.rows.push(Row {
            what: format!("{what} ({} rounds)", ours.0.len()),
            cold: seconds(ours.cold()),
            ours: seconds(ours.median()),
            by_hand: format!(
                "{} (cold {})",
                seconds(by_hand.median()),
                seconds(by_hand.cold())
            ),
            ratio: format!("{:.2}", ours.median() / by_hand.median()),
            target,
        });
    }

    /// Ours alone, against a number.
    pub fn alone(&mut self, what: &str, ours: &Times, target: &'static str) {
        self.rows.push(Row {
            what: format!("{what} ({} rounds)", ours.0.len()),
            cold: seconds(ours.cold()),
            ours: seconds(ours.median()),
            by_hand: String::new(),
            ratio: String::new(),
            target,
        });
    }

    /// Ours beside what cannot be helped: how much more it is.
    pub fn over(&mut self, what: &str, ours: &Times, own: &Times, target: &'static str) {
        self.rows.push(Row {
            what: format!("{what} ({} rounds)", ours.0.len()),
            cold: seconds(ours.cold()),
            ours: seconds(ours.median()),
            by_hand: seconds(own.median()),
            ratio: format!("{:+.1} s", ours.median() - own.median()),
            target,
        });
    }

    /// A share of one core, against a number.
    pub fn share(&mut self, what: &str, share: f64, target: &'static str) {
        self.rows.push(Row {
            what: what.to_owned(),
            cold: String::new(),
            ours: format!("{:.2} %", share * 100.0),
            by_hand: String::new(),
            ratio: String::new(),
            target,
        });
    }

    /// A size, against a number.
    pub fn size(&mut self, what: &str, bytes: u64, target: &'static str) {
        self.rows.push(Row {
            what: what.to_owned(),
            cold: String::new(),
            ours: format!("{:.1} MB", bytes as f64 / 1e6),
            by_hand: String::new(),
            ratio: String::new(),
            target,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| what | first | median after it | by hand | ratio | target |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for row in &self.rows {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} |",
                row.what, row.cold, row.ours, row.by_hand, row.ratio, row.target
            )?;
        }
        Ok(())
    }
}

/// How long something takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}

fn seconds(time: f64) -> String {
    match time {
        _ if time >= 1.0 => format!("{time:.1} s"),
        _ if time >= 0.01 => format!("{:.0} ms", time * 1e3),
        _ => format!("{:.1} ms", time * 1e3),
    }
}
