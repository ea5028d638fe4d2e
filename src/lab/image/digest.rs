//! SHA-256 as Docker writes it.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// The digest of `bytes`, 64 hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    print(&Sha256::digest(bytes))
}

fn print(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(64), |mut s, b| {
        // Writing to a String cannot fail.
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// Passes bytes on and digests them on the way.
pub struct Digesting<W> {
    inner: W,
    hasher: Sha256,
    length: u64,
}

impl<W: Write> Digesting<W> {
    /// Around `inner`.
    pub fn new(inner: W) -> Digesting<W> {
        Digesting {
            inner,
            hasher: Sha256::new(),
            length: 0,
        }
    }

    /// What is inside, the digest in hexadecimal, and how many bytes went through.
    pub fn finish(self) -> (W, String, u64) {
        (self.inner, print(&self.hasher.finalize()), self.length)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
