//! When a node's certificate in its swarm ends, and what it lets the node be:
//! Docker's API does not say, the file in the node does.

/// What is read of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Seconds since the epoch.
    pub until: i64,
    /// It is a manager's.
    pub manager: bool,
}

/// Of a PEM file the first certificate, which is the node's own.
pub fn read(pem: &str) -> Option<Certificate> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END")?;
    let der = base64(body)?;
    // Certificate { TBSCertificate { [0] version, serial, algorithm, issuer, validity, ..
    let mut fields = Der(contents(&der, 0x30)?);
    let mut tbs = Der(fields.next_of(0x30)?);
    if tbs.0.first() == Some(&0xa0) {
        tbs.next_of(0xa0)?;
    }
    tbs.next_of(0x02)?;
    tbs.next_of(0x30)?;
    tbs.next_of(0x30)?;
    let mut validity = Der(tbs.next_of(0x30)?);
    validity.any()?;
    let (tag, time) = validity.any()?;
    let subject = tbs.next_of(0x30)?;
    Some(Certificate {
        until: time_of(tag, std::str::from_utf8(time).ok()?)?,
        // Swarm keeps the role in the subject.
        manager: subject.windows(13).any(|bytes| bytes == b"swarm-manager"),
    })
}

/// A run of DER values.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The next value: its tag and contents.
    fn any(&mut self) -> Option<(u8, &'d [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = bytes
                    .iter()
                    .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
                (length, rest)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, contents))
    }

    fn next_of(&mut self, wanted: u8) -> Option<&'d [u8]> {
        let (tag, contents) = self.any()?;
        (tag == wanted).then_some(contents)
    }
}

fn contents(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    Der(bytes).next_of(tag)
}

/// UTCTime `YYMMDDhhmmssZ` or GeneralizedTime `YYYYMMDDhhmmssZ`.
fn time_of(tag: u8, text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, at) = match tag {
        0x17 => {
            let year = number(0..2)?;
            // RFC 5280, 4.1.2.5.1
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        0x18 => (number(0..4)?, 4),
        _ => return None,
    };
    let part = |n: usize| number(at + 2 * n..at + 2 * n + 2);
    let days = days_since_epoch(year, part(0)?, part(1)?);
    Some(days * 86_400 + part(2)? * 3600 + part(3)? * 60 + part(4)?)
}

/// Howard Hinnant's `days_from_civil`.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2026-11-25T22:44:01.123456789Z`, or with an offset, as the engines write times.
pub fn rfc3339(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let days = days_since_epoch(number(0..4)?, number(5..7)?, number(8..10)?);
    let seconds = days * 86_400 + number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let rest = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    if rest.starts_with(['Z', 'z']) {
        return Some(seconds);
    }
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    let offset =
        rest.get(1..3)?.parse::<i64>().ok()? * 3600 + rest.get(4..6)?.parse::<i64>().ok()? * 60;
    Some(seconds - sign * offset)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worker's of Engine 20.10.
    const PEM: &str = include_str!("certificate.pem");

    #[test]
    fn a_nodes_certificate_says_when_it_ends() {
        let found = read(PEM).expect("a certificate");
        assert_eq!(found.until, 1803424074);
        assert!(!found.manager);
        assert_eq!(read("no certificate"), None);
        let cut = &PEM[..200];
        assert_eq!(read(&format!("{cut}\n-----END CERTIFICATE-----")), None);
    }

    #[test]
    fn times_are_read() {
        assert_eq!(rfc3339("1970-01-02T00:00:01Z"), Some(86_401));
        assert_eq!(
            rfc3339("2026-02-24T23:58:00.123456789Z"),
            Some(1_771_977_480)
        );
        assert_eq!(rfc3339("2026-02-25T08:58:00.1+09:00"), Some(1_771_977_480));
        assert_eq!(time_of(0x17, "260224235800Z"), Some(1_771_977_480));
        assert_eq!(time_of(0x18, "20260224235800Z"), Some(1_771_977_480));
        assert_eq!(rfc3339("yesterday"), None);
    }
}
