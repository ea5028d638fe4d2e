//! A /24 of its own for each lab, so that fixed addresses can be given and
//! Docker's about thirty default networks are left alone.

use std::net::Ipv4Addr;

/// An IPv4 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    base: u32,
    bits: u8,
}

impl Net {
    /// Reads `10.213.0.0/24`. An IPv6 network is `None`.
    pub fn parse(text: &str) -> Option<Net> {
        let (address, bits) = text.split_once('/')?;
        let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some(Net::new(address.parse().ok()?, bits))
    }

    /// The /24 of an address.
    pub fn around(address: Ipv4Addr) -> Net {
        Net::new(address, 24)
    }

    fn new(address: Ipv4Addr, bits: u8) -> Net {
        Net {
            base: u32::from(address) & mask(bits),
            bits,
        }
    }

    fn overlaps(self, other: Net) -> bool {
        let mask = mask(self.bits.min(other.bits));
        self.base & mask == other.base & mask
    }

    /// The n-th address in it.
    pub fn host(self, n: u8) -> Ipv4Addr {
        Ipv4Addr::from(self.base + u32::from(n))
    }
}

impl std::fmt::Display for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.bits)
    }
}

fn mask(bits: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0)
}

/// The first /24 of our ranges that overlaps nothing. Inside the nodes Swarm
/// takes its overlays from 10.0.0.0/8 upwards and Docker its bridges from
/// 172.17.0.0/16 upwards, so ours are from the far ends of the private ranges.
pub fn choose(taken: &[Net]) -> Option<Net> {
    let candidates = (100..=250)
        .map(|third| Net::new(Ipv4Addr::new(10, 213, third, 0), 24))
        .chain((200..=250).map(|third| Net::new(Ipv4Addr::new(192, 168, third, 0), 24)))
        .chain((200..=250).map(|third| Net::new(Ipv4Addr::new(172, 31, third, 0), 24)));
    candidates
        .into_iter()
        .find(|net| !taken.iter().any(|other| other.overlaps(*net)))
}

/// The routes of this machine, out of the text of `/proc/net/route`; the
/// default route overlaps everything and says nothing.
pub fn routes(proc_net_route: &str) -> Vec<Net> {
    proc_net_route
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let destination = u32::from_str_radix(fields.nth(1)?, 16).ok()?.swap_bytes();
            let netmask = u32::from_str_radix(fields.nth(5)?, 16).ok()?.swap_bytes();
            let bits = u8::try_from(netmask.leading_ones()).ok()?;
            (bits > 0).then(|| Net::new(Ipv4Addr::from(destination), bits))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_takes_the_first_network_that_overlaps_nothing() {
        assert_eq!(choose(&[]).unwrap().to_string(), "10.213.100.0/24");
        let one = Net::parse("10.213.100.0/24").unwrap();
        assert_eq!(choose(&[one]).unwrap().to_string(), "10.213.101.0/24");
        let vpn = Net::parse("10.0.0.0/8").unwrap();
        assert_eq!(choose(&[vpn]).unwrap().to_string(), "192.168.200.0/24");
        let all: Vec<Net> = ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]
            .iter()
            .map(|text| Net::parse(text).unwrap())
            .collect();
        assert_eq!(choose(&all), None);
    }

    #[test]
    fn routes_are_read_and_the_default_one_left_out() {
        let text = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n\
                    eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\n\
                    docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\n";
        assert_eq!(routes(text), [Net::parse("172.17.0.0/16").unwrap()]);
    }

    #[test]
    fn addresses_count_from_the_base() {
        let net = Net::parse("10.213.100.0/24").unwrap();
        assert_eq!(net.host(11), Ipv4Addr::new(10, 213, 100, 11));
    }
}
