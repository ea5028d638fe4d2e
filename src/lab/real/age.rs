//! How old things are that the outer engine made, by this machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since the epoch.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}

/// Seconds since then; none where the time is not told, which engines and image
/// builders write as the epoch or before it.
pub(super) fn since(now: i64, then: i64) -> Option<i64> {
    (then > 0).then(|| (now - then).max(0))
}

/// The seconds since the epoch of `2025-03-04T05:06:07.89Z`, or with another
/// offset behind; `None` for anything else.
pub(super) fn seconds_of(rfc3339: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| rfc3339.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hours, minutes, seconds) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let zone = rfc3339
        .get(19..)?
        .trim_start_matches(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let offset = match zone.as_bytes().first()? {
        b'Z' | b'z' => 0,
        sign @ (b'+' | b'-') => {
            let part = |range: std::ops::Range<usize>| zone.get(range)?.parse::<i64>().ok();
            let seconds = part(1..3)? * 3600 + part(4..6)? * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    // Days from the civil date (Howard Hinnant, "chrono-Compatible Low-Level
    // Date Algorithms"): years begin in March, so that leap days are last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds - offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_engines_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2024-12-31T23:59:59.123456789Z", 1_735_689_599),
            ("2025-01-01T09:00:00+09:00", 1_735_689_600),
            ("2024-12-31T16:00:00.5-08:00", 1_735_689_600),
        ] {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for bad in [
            "",
            "yesterday",
            "2024-12-31",
            "2024-12-31T23:59:59",
            "2024-12-31T23:59:59+9",
        ] {
            assert_eq!(seconds_of(bad), None, "{bad}");
        }
        assert_eq!(since(10, 0), None);
        assert_eq!(since(10, 12), Some(0));
    }
}
