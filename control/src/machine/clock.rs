//! Settings that make the clock slow to read or cores slow to speed up: the kernel's clocksource and the
//! frequency governor.

use std::fs;

use serde::Serialize;

const CLOCKSOURCE: &str = "/sys/devices/system/clocksource/clocksource0";

/// Clocksources that can be read without a system call (they have a vDSO mode), on x86, Arm, RISC-V, POWER
/// and Z.
const CHEAP: [&str; 7] = [
    "tsc",
    "kvm-clock",
    "hyperv_clocksource_tsc_page",
    "arch_sys_counter",
    "riscv_clocksource",
    "timebase",
    "tod",
];

/// Governors that let a core slow down when it is not constantly busy.
const SLOWING: [&str; 4] = ["powersave", "ondemand", "conservative", "schedutil"];

/// The kernel's clocksource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clocksource {
    /// The one in use.
    pub current: String,
    /// The available ones.
    pub available: Vec<String>,
}

impl Clocksource {
    /// Reads the clocksource. Returns `None` if it cannot be read.
    #[must_use]
    pub fn read() -> Option<Self> {
        let text = |name| fs::read_to_string(format!("{CLOCKSOURCE}/{name}"));
        Self::parse(
            &text("current_clocksource").ok()?,
            &text("available_clocksource").unwrap_or_default(),
        )
    }

    fn parse(current: &str, available: &str) -> Option<Self> {
        Some(Self {
            current: word(current)?,
            available: available.split_whitespace().map(str::to_owned).collect(),
        })
    }

    /// Returns whether reading it takes no system call. Clocksources not listed here (`hpet`, `acpi_pm`,
    /// `jiffies`, `xen`) are assumed to need one.
    #[must_use]
    pub fn is_cheap(&self) -> bool {
        CHEAP.contains(&self.current.as_str())
    }

    /// Returns a cheap one that is available.
    #[must_use]
    pub fn cheaper(&self) -> Option<&str> {
        let mut available = self.available.iter().map(String::as_str);
        available.find(|name| CHEAP.contains(name))
    }
}

/// Frequency governor of a core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Governor {
    /// Number of the core.
    pub core: usize,
    /// Name of the governor.
    pub name: String,
}

impl Governor {
    /// Reads the governors of the given cores. Cores without one, as in most virtual machines, are omitted.
    #[must_use]
    pub fn read(cores: &[usize]) -> Vec<Self> {
        let of_core = |&core: &usize| {
            let path = format!("/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor");
            let name = word(&fs::read_to_string(path).ok()?)?;
            Some(Self { core, name })
        };
        cores.iter().filter_map(of_core).collect()
    }

    /// Returns whether it lets the core slow down when it is not constantly busy.
    #[must_use]
    pub fn slows_down(&self) -> bool {
        SLOWING.contains(&self.name.as_str())
    }
}

/// Returns the text if it is a single word.
fn word(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let word = words.next()?;
    words.next().is_none().then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocksources_are_judged_by_name() {
        let table = [
            ("tsc\n", "tsc kvm-clock \n", Some((true, Some("tsc")))),
            ("kvm-clock", "", Some((true, None))),
            (
                "arch_sys_counter\n",
                "arch_sys_counter\n",
                Some((true, Some("arch_sys_counter"))),
            ),
            ("hpet\n", "hpet acpi_pm tsc\n", Some((false, Some("tsc")))),
            ("acpi_pm\n", "acpi_pm\n", Some((false, None))),
            ("jiffies", "", Some((false, None))),
            ("xen", "xen tsc", Some((false, Some("tsc")))),
            ("", "tsc", None),
            ("two words", "tsc", None),
        ];
        for (current, available, expected) in table {
            let source = Clocksource::parse(current, available);
            let got = source.as_ref().map(|it| (it.is_cheap(), it.cheaper()));
            assert_eq!(got, expected, "{current:?} of {available:?}");
        }
    }

    #[test]
    fn governors_are_judged_by_name() {
        let table = [
            ("performance", false),
            ("userspace", false),
            ("powersave", true),
            ("ondemand", true),
            ("conservative", true),
            ("schedutil", true),
        ];
        for (name, slows_down) in table {
            let governor = Governor {
                core: 0,
                name: name.into(),
            };
            assert_eq!(governor.slows_down(), slows_down, "{name}");
        }
    }
}
