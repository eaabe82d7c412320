//! The hand that writes a value: chance, the time and the buffer in one.
//!
//! Everything is appended byte by byte or slice by slice. `format!` and its
//! like are left out on purpose, so that no value costs an allocation. What
//! the values look like is decided in the modules beside this one.

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

/// What a value is made with and where it goes.
pub(super) struct Pen<'a> {
    /// Where chance comes from.
    pub rng: &'a mut Rng,
    /// The time of the request, in nanoseconds since 1970 UTC.
    pub unix_ns: u64,
    /// Where the value is appended.
    pub out: &'a mut Vec<u8>,
}

impl Pen<'_> {
    /// A number of the range, each as likely as the next.
    pub fn between(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.rng.u64(range)
    }

    /// A word of a list that is not empty.
    pub fn word(&mut self, list: &'static [&'static str]) -> &'static str {
        list[self.rng.usize(..list.len())]
    }

    /// Writes a word of a list that is not empty.
    pub fn pick(&mut self, list: &'static [&'static str]) {
        let word = self.word(list);
        self.text(word);
    }

    /// Writes a word of a list in lower case.
    pub fn pick_lower(&mut self, list: &'static [&'static str]) {
        let word = self.word(list);
        let lower = word.bytes().map(|byte| byte.to_ascii_lowercase());
        self.out.extend(lower);
    }

    /// Writes a word of a list with its first letter in upper case.
    pub fn pick_capital(&mut self, list: &'static [&'static str]) {
        let start = self.out.len();
        self.pick(list);
        if let Some(first) = self.out.get_mut(start) {
            first.make_ascii_uppercase();
        }
    }

    /// Writes a text as it is.
    pub fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Writes `count` characters of an ASCII alphabet.
    pub fn chars(&mut self, alphabet: &[u8], count: usize) {
        for _ in 0..count {
            self.out.push(alphabet[self.rng.usize(..alphabet.len())]);
        }
    }

    /// Writes a number in decimal.
    pub fn number(&mut self, number: u64) {
        self.padded(number, 1);
    }

    /// Writes a number in decimal, with zeros before it up to `width` digits.
    /// A width beyond 20 counts as 20, the longest number there is.
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
