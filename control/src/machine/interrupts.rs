//! Distribution of device interrupts over the cores, from `/proc/interrupts`. Interrupts of network cards
//! preempt a shard on its core.

use std::fs;

/// Interrupts of one device since boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interrupts {
    /// Interrupt number, for `/proc/irq/NUMBER/smp_affinity_list`.
    pub line: u32,
    /// Name given by the driver, like `eth0-TxRx-0`.
    pub device: String,
    /// Number of interrupts on each core, in the order of the cores.
    pub counts: Vec<u64>,
}

impl Interrupts {
    /// Reads all device interrupts. Returns `None` if they cannot be read.
    #[must_use]
    pub fn read() -> Option<Vec<Self>> {
        fs::read_to_string("/proc/interrupts")
            .ok()
            .map(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Vec<Self> {
        let mut lines = text.lines();
        let cores = lines.next().unwrap_or_default().split_whitespace().count();
        let device = |line: &str| {
            let (number, rest) = line.split_once(':')?;
            // The other lines are interrupts of the processor itself.
            let line = number.trim().parse().ok()?;
            let mut words = rest.split_whitespace();
            let counts: Vec<u64> = words
                .by_ref()
                .take(cores)
                .map_while(|word| word.parse().ok())
                .collect();
            let device = words.next_back()?.to_owned();
            (counts.len() == cores).then_some(Self {
                line,
                device,
                counts,
            })
        };
        lines.filter_map(device).collect()
    }

    /// Returns the core that handles most of them, with its share in percent. Returns `None` if there are few
    /// interrupts.
    #[must_use]
    pub fn busiest(&self) -> Option<(usize, u64)> {
        const FEW: u64 = 10_000;
        let total: u64 = self.counts.iter().sum();
        let (core, most) = self
            .counts
            .iter()
            .enumerate()
            .max_by_key(|(_, count)| **count)?;
        (total >= FEW).then(|| (core, most * 100 / total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_devices_are_read_and_others_left_out() {
        let text = "           CPU0       CPU1\n  \
              1:          0          9   IO-APIC   1-edge      i8042\n \
             27:    1000000      10000   PCI-MSIX-0000:00:05.0   1-edge      ena-mgmnt@pci:0000:00:05.0\n \
            LOC:      12345      54321   Local timer interrupts\n \
            ERR:          0\n";
        let lines = Interrupts::parse(text);
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (lines[1].line, lines[1].device.as_str()),
            (27, "ena-mgmnt@pci:0000:00:05.0")
        );
        assert_eq!(lines[1].busiest(), Some((0, 99)));
        assert_eq!(lines[0].busiest(), None);
        assert_eq!(Interrupts::parse(""), []);
    }
}
