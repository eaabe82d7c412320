//! The value writer: random generator, time and output buffer.
//!
//! Values are appended byte by byte or slice by slice, deliberately without `format!`, so that no value costs
//! an allocation. The format of values is defined in the sibling modules.

use std::ops::RangeInclusive;

use fastrand::Rng;

/// Letters and digits.
pub(super) const ALPHANUMERIC: &[u8] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Capital letters.
pub(super) const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Decimal digits.
pub(super) const DIGITS: &[u8] = b"0123456789";
/// Hexadecimal digits, lower case.
pub(super) const HEX: &[u8] = b"0123456789abcdef";

/// Inputs and output of value generation.
pub(super) struct ValueWriter<'a> {
    /// The random number generator.
    pub rng: &'a mut Rng,
    /// The time of the request, in nanoseconds since 1970 UTC.
    pub unix_ns: u64,
    /// The buffer the value is appended to.
    pub out: &'a mut Vec<u8>,
}

impl ValueWriter<'_> {
    /// Returns a uniformly distributed number of the range.
    pub fn between(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.rng.u64(range)
    }

    /// Returns a random word of a non-empty list.
    pub fn word(&mut self, list: &'static [&'static str]) -> &'static str {
        list[self.rng.usize(..list.len())]
    }

    /// Writes a random word of a non-empty list.
    pub fn pick(&mut self, list: &'static [&'static str]) {
        let word = self.word(list);
        self.text(word);
    }

    /// Writes a random word of a list in lower case.
    pub fn pick_lower(&mut self, list: &'static [&'static str]) {
        let word = self.word(list);
        let lower = word.bytes().map(|byte| byte.to_ascii_lowercase());
        self.out.extend(lower);
    }

    /// Writes a random word of a list with its first letter in upper case.
    pub fn pick_capital(&mut self, list: &'static [&'static str]) {
        let start = self.out.len();
        self.pick(list);
        if let Some(first) = self.out.get_mut(start) {
            first.make_ascii_uppercase();
        }
    }

    /// Writes a string unchanged.
    pub fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Writes `count` random characters of an ASCII alphabet.
    pub fn chars(&mut self, alphabet: &[u8], count: usize) {
        for _ in 0..count {
            self.out.push(alphabet[self.rng.usize(..alphabet.len())]);
        }
    }

    /// Writes a number in decimal.
    pub fn number(&mut self, number: u64) {
        self.padded(number, 1);
    }

    /// Writes a number in decimal, zero-padded to `width` digits. Widths above 20, the maximum length of a
    /// `u64`, count as 20.
    pub fn padded(&mut self, number: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        let mut rest = number;
        while rest > 0 {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let start = start.min(digits.len().saturating_sub(width));
        self.out.extend_from_slice(&digits[start..]);
    }
}
