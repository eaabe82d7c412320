//! Values made of digits and letters: identifiers, addresses, amounts.
//!
//! They have a realistic format and, where cheap, valid check digits. They are not meant to identify anything
//! real, but nothing prevents that: an address may exist.

use super::value_writer::{ALPHANUMERIC, CAPITALS, DIGITS, HEX, ValueWriter};
use super::words::{COUNTRY_CODES, PLATFORMS};

/// A version 4 UUID, RFC 9562, in lower case.
pub(super) fn uuid(pen: &mut ValueWriter<'_>) {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0x3 << 62;
    let random = pen.rng.u128(..) & !(VERSION | VARIANT);
    let bits = random | (0x4 << 76) | (0x2 << 62);
    for (place, byte) in bits.to_be_bytes().into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            pen.text("-");
        }
        hex_byte(pen, byte);
    }
}

fn hex_byte(pen: &mut ValueWriter<'_>, byte: u8) {
    pen.out.push(HEX[usize::from(byte >> 4)]);
    pen.out.push(HEX[usize::from(byte & 0xf)]);
}

/// An integer from 0 to 1000.
pub(super) fn int(pen: &mut ValueWriter<'_>) {
    let number = pen.between(0..=1000);
    pen.number(number);
}

/// One letter or digit.
pub(super) fn alphanumeric(pen: &mut ValueWriter<'_>) {
    pen.chars(ALPHANUMERIC, 1);
}

/// 15 letters and digits.
pub(super) fn password(pen: &mut ValueWriter<'_>) {
    pen.chars(ALPHANUMERIC, 15);
}

/// A hexadecimal color, such as `#47594a`.
pub(super) fn hex_color(pen: &mut ValueWriter<'_>) {
    pen.text("#");
    pen.chars(HEX, 6);
}

/// Four numbers from 0 to 255, separated by dots.
pub(super) fn ipv4(pen: &mut ValueWriter<'_>) {
    for place in 0..4 {
        if place > 0 {
            pen.text(".");
        }
        let byte = pen.between(0..=255);
        pen.number(byte);
    }
}

/// Eight groups of four hexadecimal digits, without abbreviation.
pub(super) fn ipv6(pen: &mut ValueWriter<'_>) {
    hex_groups(pen, 8, 4);
}

/// Six pairs of hexadecimal digits, separated by colons.
pub(super) fn mac(pen: &mut ValueWriter<'_>) {
    hex_groups(pen, 6, 2);
}

fn hex_groups(pen: &mut ValueWriter<'_>, groups: usize, digits: usize) {
    for group in 0..groups {
        if group > 0 {
            pen.text(":");
        }
        pen.chars(HEX, digits);
    }
}

/// Three digits, separated by dots.
pub(super) fn semver(pen: &mut ValueWriter<'_>) {
    for place in 0..3 {
        if place > 0 {
            pen.text(".");
        }
        pen.chars(DIGITS, 1);
    }
}

/// The user agent of a recent Firefox or Chrome.
pub(super) fn user_agent(pen: &mut ValueWriter<'_>) {
    let version = pen.between(100..=140);
    pen.text("Mozilla/5.0 (");
    pen.pick(PLATFORMS);
    if pen.rng.bool() {
        pen.text("; rv:");
        pen.number(version);
        pen.text(".0) Gecko/20100101 Firefox/");
        pen.number(version);
        pen.text(".0");
    } else {
        pen.text(") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/");
        pen.number(version);
        pen.text(".0.0.0 Safari/537.36");
    }
}

/// A phone number, such as `700-008-5275`. The first digit is never zero.
pub(super) fn phone(pen: &mut ValueWriter<'_>) {
    let area = pen.between(100..=999);
    pen.number(area);
    pen.text("-");
    pen.chars(DIGITS, 3);
    pen.text("-");
    pen.chars(DIGITS, 4);
}

/// A phone number prefixed with a two-digit country code.
pub(super) fn phone_ext(pen: &mut ValueWriter<'_>) {
    let country = pen.between(10..=99);
    pen.number(country);
    pen.text("-");
    phone(pen);
}

/// Degrees from -90 to 90, with four decimals.
pub(super) fn latitude(pen: &mut ValueWriter<'_>) {
    degrees(pen, 90);
}

/// Degrees from -180 to 180, with four decimals.
pub(super) fn longitude(pen: &mut ValueWriter<'_>) {
    degrees(pen, 180);
}

fn degrees(pen: &mut ValueWriter<'_>, most: u64) {
    const STEPS: u64 = 10_000;
    let angle = pen.between(0..=most * STEPS);
    if angle > 0 && pen.rng.bool() {
        pen.text("-");
    }
    pen.number(angle / STEPS);
    pen.text(".");
    pen.padded(angle % STEPS, 4);
}

/// A price from 0.00 to 1000.00.
pub(super) fn price(pen: &mut ValueWriter<'_>) {
    let cents = pen.between(0..=100_000);
    pen.number(cents / 100);
    pen.text(".");
    pen.padded(cents % 100, 2);
}

/// The last four digits of a card number.
pub(super) fn card_mask(pen: &mut ValueWriter<'_>) {
    pen.chars(DIGITS, 4);
}

/// Eight digits.
pub(super) fn bank_account(pen: &mut ValueWriter<'_>) {
    pen.chars(DIGITS, 8);
}

/// A BIC without a branch code: four letters, a country, two letters.
pub(super) fn bic(pen: &mut ValueWriter<'_>) {
    pen.chars(CAPITALS, 4);
    pen.pick(COUNTRY_CODES);
    // Capitals only: a digit in the location code has a meaning (0 test, 1 passive).
    pen.chars(CAPITALS, 2);
}

/// Countries with numeric account numbers, and the number of digits.
const IBANS: &[(&str, usize)] = &[
    ("AT", 16),
    ("BE", 12),
    ("CZ", 20),
    ("DE", 18),
    ("DK", 14),
    ("EE", 16),
    ("ES", 20),
    ("FI", 14),
    ("HU", 24),
    ("NO", 11),
    ("PL", 24),
    ("PT", 21),
    ("SE", 20),
];

/// An IBAN with valid check digits. National check digits inside the account number are not valid.
pub(super) fn iban(pen: &mut ValueWriter<'_>) {
    let (country, digits) = IBANS[pen.rng.usize(..IBANS.len())];
    let start = pen.out.len();
    pen.text(country);
    pen.text("00");
    pen.chars(DIGITS, digits);
    let check = 98 - iban_remainder(&pen.out[start..]);
    pen.out[start + 2] = b'0' + (check / 10) as u8;
    pen.out[start + 3] = b'0' + (check % 10) as u8;
}

/// Returns the remainder modulo 97 of an IBAN read as a number, as in ISO 13616: the first four characters
/// move to the end, and each letter becomes two digits, A being 10.
pub(super) fn iban_remainder(iban: &[u8]) -> u64 {
    let (head, account) = iban.split_at(4);
    account.iter().chain(head).fold(0, |rest, byte| match byte {
        b'A'..=b'Z' => (rest * 100 + u64::from(byte - b'A') + 10) % 97,
        _ => (rest * 10 + u64::from(byte - b'0')) % 97,
    })
}

/// A Bitcoin address of type P2PKH or P2SH, without a valid checksum.
pub(super) fn bitcoin(pen: &mut ValueWriter<'_>) {
    const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    pen.chars(b"13", 1);
    let length = pen.between(25..=33);
    pen.chars(BASE58, length as usize);
}

/// Host of all image URLs. The name is reserved (RFC 2606): a load test must not make its target send
/// requests to a third-party server.
const IMAGES: &str = "https://images.example.com/";

/// URL of an image of 640 by 480 pixels.
pub(super) fn image_url(pen: &mut ValueWriter<'_>) {
    pen.text(IMAGES);
    pen.text("640/480/");
    image_number(pen);
}

/// URL of an image of 640 by 480 pixels of a category.
pub(super) fn category_image_url(pen: &mut ValueWriter<'_>, category: &str) {
    pen.text(IMAGES);
    pen.text("640/480/");
    pen.text(category);
    pen.text("/");
    image_number(pen);
}

/// URL of a user's avatar.
pub(super) fn avatar_url(pen: &mut ValueWriter<'_>) {
    pen.text(IMAGES);
    pen.text("avatar/");
    image_number(pen);
}

fn image_number(pen: &mut ValueWriter<'_>) {
    let number = pen.between(1..=9999);
    pen.number(number);
}

/// A data URI with an image: a single-colour SVG of 640 by 480 pixels.
pub(super) fn image_data_uri(pen: &mut ValueWriter<'_>) {
    pen.text("data:image/svg+xml;charset=UTF-8,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww.w3.org%2F");
    pen.text("2000%2Fsvg%22%20width%3D%22640%22%20height%3D%22480%22%3E%3Crect%20width%3D%22");
    pen.text("640%22%20height%3D%22480%22%20fill%3D%22%23");
    pen.chars(HEX, 6);
    pen.text("%22%2F%3E%3C%2Fsvg%3E");
}
