//! Ids, tokens and digests that look like Docker's and are the same in every run.

/// Makes ids, one after another.
#[derive(Debug, Default)]
pub struct Ids(u64);

const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl Ids {
    /// 25 letters and digits, as Swarm's ids are.
    pub fn swarm(&mut self) -> String {
        self.text(25, 36)
    }

    /// 64 hexadecimal digits, as the engine's ids are.
    pub fn engine(&mut self) -> String {
        self.text(64, 16)
    }

    /// The part of a join token that stands for the swarm's certificates.
    pub fn digest(&mut self) -> String {
        self.text(50, 36)
    }

    fn text(&mut self, length: usize, base: u64) -> String {
        self.0 += 1;
        let mut state = self.0;
        (0..length)
            .map(|_| char::from(LETTERS[(splitmix(&mut state) % base) as usize]))
            .collect()
    }
}

/// The digest of an image, which depends on its name alone.
pub fn of_image(repository_and_tag: &str) -> String {
    let mut state = repository_and_tag.bytes().fold(7, |sum: u64, byte| {
        sum.wrapping_mul(1_099_511_628_211)
            .wrapping_add(u64::from(byte))
    });
    let digits = (0..64).map(|_| char::from(LETTERS[(splitmix(&mut state) % 16) as usize]));
    format!("sha256:{}", digits.collect::<String>())
}

/// Sebastiano Vigna's splitmix64: numbers that look random and are not.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
