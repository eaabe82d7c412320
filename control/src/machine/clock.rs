//! What makes a machine's clock slow to read and its cores slow to get going:
//! the kernel's clocksource and the frequency governor.

use std::fs;

use serde::Serialize;

const CLOCKSOURCE: &str = "/sys/devices/system/clocksource/clocksource0";

/// Clocksources that a process reads without entering the kernel (they have a
/// mode of the vDSO), on x86, Arm, RISC-V, POWER and Z.
const CHEAP: [&str; 7] = [
    "tsc",
    "kvm-clock",
    "hyperv_clocksource_tsc_page",
    "arch_sys_counter",
    "riscv_clocksource",
    "timebase",
    "tod",
];

/// Governors that let a core slow down when it is not busy all the time.
const SLOWING: [&str; 4] = ["powersave", "ondemand", "conservative", "schedutil"];

/// What the kernel takes the time from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clocksource {
    /// The one in use.
    pub current: String,
    /// Those it could use.
    pub available: Vec<String>,
}

impl Clocksource {
    /// Reads it; `None` when it cannot be read.
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

    /// Whether reading it takes no system call. Of one that is not known here
    /// (`hpet`, `acpi_pm`, `jiffies`, `xen`) that is not assumed.
    #[must_use]
    pub fn is_cheap(&self) -> bool {
        CHEAP.contains(&self.current.as_str())
    }

    /// A cheap one that the kernel could use.
    #[must_use]
    pub fn cheaper(&self) -> Option<&str> {
        let mut available = self.available.iter().map(String::as_str);
        available.find(|name| CHEAP.contains(name))
    }
}

/// The frequency governor of a core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Governor {
    /// Number of the core.
    pub core: usize,
    /// Name of the governor.
    pub name: String,
}

impl Governor {
    /// Reads those of the named cores. Cores without one, as in most virtual
    /// machines, are left out.
    #[must_use]
    pub fn read(cores: &[usize]) -> Vec<Self> {
        let of_core = |&core: &usize| {
            let path = format!("/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor");
            let name = word(&fs::read_to_string(path).ok()?)?;
            Some(Self { core, name })
        };
        cores.iter().filter_map(of_core).collect()
    }

    /// Whether it lets the core slow down when it is not busy all the time.
    #[must_use]
    pub fn slows_down(&self) -> bool {
        SLOWING.contains(&self.name.as_str())
    }
}

/// The one word of a text.
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
