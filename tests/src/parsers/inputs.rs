//! Inputs for parsers: the corpus and mutations of it.

use std::fs;

use fastrand::Rng;

use super::corpus;

/// Maximum length of a mutated input in bytes.
const MAX_INPUT_BYTES: usize = 4 * 1024;

/// Characters that are significant to at least one parser.
const SIGNIFICANT_BYTES: &[u8] = b"\0\t\r\n \"%&'+,-./0129:;<=>?[\\]^_aefx{}\x7f\x80\xff";

/// Inputs of one parser. The same seed gives the same inputs.
pub struct Inputs {
    kept: Vec<Vec<u8>>,
    rng: Rng,
}

impl Inputs {
    /// Creates the inputs of the parser `name`.
    ///
    /// # Panics
    /// Panics if the parser has no corpus.
    #[must_use]
    pub fn of(name: &str, seed: u64) -> Self {
        let folder = corpus(name);
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        // File systems differ in the order of directory entries.
        paths.sort();
        let kept: Vec<_> = paths
            .iter()
            .map(|path| fs::read(path).expect("a file"))
            .collect();
        assert!(!kept.is_empty(), "{} is empty", folder.display());
        Self {
            kept,
            rng: Rng::with_seed(seed),
        }
    }

    /// Returns the corpus.
    #[must_use]
    pub fn kept(&self) -> &[Vec<u8>] {
        &self.kept
    }

    /// Returns a mutation of a corpus input, with up to eight changes.
    pub fn made(&mut self) -> Vec<u8> {
        let mut input = self.any().to_vec();
        for _ in 0..self.rng.usize(1..=8) {
            self.change(&mut input);
        }
        input.truncate(MAX_INPUT_BYTES);
        input
    }

    fn any(&mut self) -> &[u8] {
        let index = self.rng.usize(..self.kept.len());
        &self.kept[index]
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.rng.usize(..=input.len());
        let end = self.rng.usize(at..=input.len().min(at + 16));
        match self.rng.u8(..6) {
            0 => drop(input.drain(at..end)),
            1 => {
                let twice = input[at..end].to_vec();
                drop(input.splice(at..at, twice));
            }
            2 => {
                let letter = SIGNIFICANT_BYTES[self.rng.usize(..SIGNIFICANT_BYTES.len())];
                drop(input.splice(at..end.min(at + 1), [letter]));
            }
            3 => input.insert(at, self.rng.u8(..)),
            4 => {
                let other = self.any();
                let from = other.len() * at / (input.len() + 1);
                let piece = other[from..other.len().min(from + 32)].to_vec();
                drop(input.splice(at..end, piece));
            }
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.rng.u8(..8);
                }
            }
        }
    }
}
