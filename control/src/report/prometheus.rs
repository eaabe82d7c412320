//! Writes metrics in Prometheus' text exposition format, version 0.0.4
//! (prometheus.io/docs/instrumenting/exposition_formats). The caller defines what they mean.

use std::fmt::{self, Display, Write};

/// The media type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Type of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Monotonically increasing.
    Counter,
    /// Increases and decreases.
    Gauge,
    /// Quantiles with a sum and a count.
    Summary,
}

/// The text written so far. Samples follow their family.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    family: &'static str,
}

impl Exposition {
    /// Starts a metric family.
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Summary => "summary",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        self.family = name;
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// Writes a sample of the family.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.suffixed("", labels, value);
    }

    /// Writes a sample of the family with a suffix of its name (`_sum`, `_count`).
    pub fn suffixed(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let (family, labels) = (self.family, Labels(labels));
        self.write(format_args!("{family}{suffix}{labels} {}\n", Number(value)));
    }

    /// Returns the whole text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.text.write_fmt(text);
    }
}

struct Labels<'a>(&'a [(&'a str, &'a str)]);

impl Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = '{';
        for (name, value) in self.0 {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "{before}{name}=\"{}\"", value.replace('\n', "\\n"))?;
            before = ',';
        }
        f.write_str(if self.0.is_empty() { "" } else { "}" })
    }
}

/// Formats non-finite values as Go does, which the format requires.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            value if value.is_nan() => f.write_str("NaN"),
            value if value.is_infinite() => f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" }),
            value => value.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_as_the_format_has_it() {
        let mut text = Exposition::default();
        text.family("a_total", Kind::Counter, "Back\\slash\nand line.");
        text.sample(&[], 3.0);
        text.sample(&[("x", "q\"b\\n\nz"), ("y", "µ")], 0.25);
        text.family("b_seconds", Kind::Summary, "Spans.");
        text.sample(&[("quantile", "0.5")], f64::NAN);
        text.suffixed("_sum", &[], f64::INFINITY);
        text.suffixed("_count", &[], f64::NEG_INFINITY);
        let expected = "# HELP a_total Back\\\\slash\\nand line.\n# TYPE a_total counter\na_total 3\n\
             a_total{x=\"q\\\"b\\\\n\\nz\",y=\"µ\"} 0.25\n# HELP b_seconds Spans.\n# TYPE b_seconds summary\n\
             b_seconds{quantile=\"0.5\"} NaN\nb_seconds_sum +Inf\nb_seconds_count -Inf\n";
        assert_eq!(text.into_text(), expected);
    }
}
