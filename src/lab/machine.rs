//! What this machine has left.

/// Bytes that are free or can be freed; `None` where this is not Linux.
pub fn memory_free() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    available(&text)
}

/// Bytes, out of the text of `/proc/meminfo`.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:       24684084 kB\nMemAvailable:   22180088 kB\n";
        assert_eq!(available(text), Some(22_180_088 * 1024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
    }
}
