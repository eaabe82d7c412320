//! RSA keys in DER: SubjectPublicKeyInfo (RFC 5280) and PKCS #8 (RFC 5958), which contain the structures of
//! PKCS #1 (RFC 8017). Only the part of DER that these need is read; keys of other algorithms are refused.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// `rsaEncryption`, 1.2.840.113549.1.1.1, with NULL parameters.
const ALGORITHM: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// Reads the numbers `n` and `e` of a SubjectPublicKeyInfo.
pub fn read_public(data: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (info, rest) = element(data, SEQUENCE)?;
    let (algorithm, info) = element(info, SEQUENCE)?;
    let (key, after) = element(info, BIT_STRING)?;
    // A bit string begins with the number of unused bits.
    let (key, end) = element(key.strip_prefix(&[0])?, SEQUENCE)?;
    let is_whole = rest.is_empty() && after.is_empty() && end.is_empty();
    let numbers = integers(key)?;
    (is_whole && algorithm == ALGORITHM && numbers.len() == 2).then_some(numbers)
}

/// Reads the numbers `n`, `e`, `d`, `p`, `q`, `dp`, `dq` and `qi` of a PKCS #8 structure.
pub fn read_private(data: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (info, rest) = element(data, SEQUENCE)?;
    let (_version, info) = element(info, INTEGER)?;
    let (algorithm, info) = element(info, SEQUENCE)?;
    // Attributes may follow the key.
    let (key, _) = element(info, OCTET_STRING)?;
    let (key, end) = element(key, SEQUENCE)?;
    let mut numbers = integers(key)?;
    let is_whole = rest.is_empty() && end.is_empty();
    // Version 0 has two primes.
    if !is_whole || algorithm != ALGORITHM || numbers.len() != 9 || !numbers[0].is_empty() {
        return None;
    }
    numbers.remove(0);
    Some(numbers)
}

/// Writes the SubjectPublicKeyInfo of the numbers `n` and `e`.
pub fn write_public(numbers: &[Vec<u8>]) -> Vec<u8> {
    let mut bits = vec![0];
    bits.extend(written(SEQUENCE, &written_integers(numbers)));
    let mut info = written(SEQUENCE, ALGORITHM);
    info.extend(written(BIT_STRING, &bits));
    written(SEQUENCE, &info)
}

/// Writes the PKCS #8 structure of the numbers of a private key.
pub fn write_private(numbers: &[Vec<u8>]) -> Vec<u8> {
    let version = written_integers(&[Vec::new()]);
    let mut key = version.clone();
    key.extend(written_integers(numbers));
    let mut info = version;
    info.extend(written(SEQUENCE, ALGORITHM));
    info.extend(written(OCTET_STRING, &written(SEQUENCE, &key)));
    written(SEQUENCE, &info)
}

/// Returns the content of the first element, which must have this tag, and the data after it.
fn element(data: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, data) = data.strip_prefix(&[tag])?.split_first()?;
    let (length, data) = match first {
        0..=0x7f => (usize::from(first), data),
        // The long form, with at most as many length bytes as a key may need.
        0x81..=0x84 => {
            let (bytes, data) = data.split_at_checked(usize::from(first - 0x80))?;
            let length = bytes
                .iter()
                .fold(0, |sum, &byte| (sum << 8) | usize::from(byte));
            (length, data)
        }
        _ => return None,
    };
    data.split_at_checked(length)
}

/// Reads integers without leading zeros. Zero itself is empty.
fn integers(mut data: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut numbers = Vec::new();
    while !data.is_empty() {
        let (number, rest) = element(data, INTEGER)?;
        let zeros = number.iter().take_while(|&&byte| byte == 0).count();
        numbers.push(number[zeros..].to_vec());
        data = rest;
    }
    Some(numbers)
}

fn written(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|&&byte| byte == 0).count();
    let length = &length[zeros..];
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        _ => {
            out.push(0x80 | length.len() as u8);
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(content);
    out
}

fn written_integers(numbers: &[Vec<u8>]) -> Vec<u8> {
    let each = numbers.iter().map(|number| {
        let mut content = number.clone();
        // A zero before a high bit keeps the number positive.
        if content.first().is_none_or(|&byte| byte >= 0x80) {
            content.insert(0, 0);
        }
        written(INTEGER, &content)
    });
    each.flatten().collect()
}
