//! Tests of the content codings. The br and zstd samples come from the reference programs, because this crate
//! only decodes; the other samples are generated here.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

/// `sample()`, compressed by brotli at its highest quality.
const BR: &str = "Gzs74BwJNk52bZ6FaPkmd+eGM9WHOBAQW3yDKJjNxQJuADQ8tCgONXwMMwocAjnZHFMSIyiSr+x95vca9BjguuKzDN7HkHeCm8dd5MtOzvR9vLnqB+6ufWB01M3scx4ffj3rYvSWzdhrbmbneXz4da+L0bfunfDthtlxHh9+Xeti9NTN7D0Ocz88Pvz6rIvRXTez73l4XuO98Pjw61wXo6tuZs95fPanvPe7ORyPKekDbpa7yZeTvNP7eNPpDyABuHgB";
/// 64 MiB of zeros.
const BR_BOMB: &str = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw==";
/// `sample()`, compressed by zstd: level 19 with a checksum, and level 3 with neither size nor checksum.
const ZSTD: [&str; 2] = [
    "KLUv/WQ8On0GAELOIhOgGxsAaV/uT6i6lt29M4lXjVYrz0MBfWZZVHV0fboK9aWQRrs0sip8fx8J5Fog1GmYR1eG1frPgk3WJMtEwjq02usu3DbKUiuTshCvd7sSyjcnEVWxlYjF35lgLnuaXIRtj9k83glns8rTy1h6DzCSonGQoHGGYimYwBkOJygSYnCCITCUQAgehQlmqCEYfv/PoJuWNRJAEPj/VxCob/8ORAzfLd+/VbHv3XnfAvLvhzjbs97dp/fevfPX7v+O2N6/FjHTWNRXEWBXAW+u8iE=",
    "KLUv/QBYPQYA8ogZGKAlaQMAkJafI7cnO/oPa3Nld28Ke9NqBftrIp5Z2bvXTLyzKhPvVRPxzMr7aybeWdm7V03Esyrvr5l4ZmXfe1eilolbh3bXWekgioAwGOMAkHGKCTAFnTI4ZAZBOVRIIIjQQRQBZ6hx4Nf/N5AzUtgcEvj//xr+/h32C98JYAy2SQJJWEQ+lsEDpHgg+jKaFDIpOGszzLzaJaOD2JbAAnHhDwBFuG/zFzCH+QNQIMHDKfQH7DPijV9Rr21ZOiFPivKoCg==",
];

const PLENTY: usize = 1 << 20;

fn sample() -> Vec<u8> {
    let rows = (0..400).map(|n| format!("row {} of a table that repeats itself\n", n * 7 % 101));
    rows.collect::<String>().into_bytes()
}

fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("samples are base64")
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("vectors take it all");
    encoder.finish().expect("vectors take it all")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("vectors take it all");
    encoder.finish().expect("vectors take it all")
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("vectors take it all");
    encoder.finish().expect("vectors take it all")
}

/// Returns `blocks` times 128 KiB of zeros, in four bytes each.
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    // No content size, no checksum, a window of 1 MiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 10 << 3];
    for block in 1..=blocks {
        let header = ((128 * 1024) << 3) | (1 << 1) | u32::from(block == blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// The sample in every coding.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("gzip", gz(&sample())),
        ("deflate", zlib(&sample())),
        ("deflate", raw_deflate(&sample())),
        ("br", base64(BR)),
        ("zstd", base64(ZSTD[0])),
        ("zstd", base64(ZSTD[1])),
    ]
}

fn whole(bytes: Vec<u8>) -> Result<Decoded, String> {
    Ok(Decoded {
        bytes,
        truncated: false,
    })
}

#[test]
fn every_coding_is_undone() {
    for (coding, raw) in samples() {
        assert_eq!(decode(coding, &raw, PLENTY), whole(sample()), "{coding}");
    }
    for name in ["GZip", "x-gzip", " gzip ", "gzip, identity", ",gzip,"] {
        assert_eq!(decode(name, &gz(b"hi"), 2), whole(b"hi".to_vec()), "{name}");
    }
    for name in ["", "identity", "Identity, identity"] {
        assert_eq!(decode(name, b"hi", 2), whole(b"hi".to_vec()), "{name}");
    }
}

#[test]
fn lists_are_undone_from_the_last_to_the_first() {
    let twice = gz(&zlib(&sample()));
    assert_eq!(decode("deflate, gzip", &twice, PLENTY), whole(sample()));
    assert!(decode("gzip, deflate", &twice, PLENTY).is_err());
    let of_br = gz(&base64(BR));
    assert_eq!(decode("br,gzip", &of_br, PLENTY), whole(sample()));
}

#[test]
fn an_empty_body_is_whole() {
    for coding in ["gzip", "deflate", "br", "zstd", "br, gzip", ""] {
        assert_eq!(decode(coding, b"", PLENTY), whole(Vec::new()), "{coding}");
        assert_eq!(decode(coding, b"", 0), whole(Vec::new()), "{coding}");
    }
}

#[test]
fn gzip_members_are_joined_and_padding_is_left() {
    let mut raw = gz(b"one ");
    raw.extend(gz(b""));
    raw.extend(gz(b"two"));
    assert_eq!(decode("gzip", &raw, PLENTY), whole(b"one two".to_vec()));
    let second_cut = Decoded {
        bytes: b"one two".to_vec(),
        truncated: true,
    };
    raw.push(0x1f);
    assert_eq!(decode("gzip", &raw, PLENTY), Ok(second_cut));
    raw.pop();
    raw.extend([0; 64]);
    assert_eq!(decode("gzip", &raw, PLENTY), whole(b"one two".to_vec()));
}

#[test]
fn zstd_frames_are_joined_and_skippable_ones_left_out() {
    let mut raw = vec![0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    raw.extend(base64(ZSTD[0]));
    raw.extend(base64(ZSTD[1]));
    let twice = [sample(), sample()].concat();
    assert_eq!(decode("zstd", &raw, PLENTY), whole(twice));
    let skipped = decode("zstd", &raw[..10], PLENTY).expect("it is only cut");
    assert!(skipped.truncated && skipped.bytes.is_empty());
}

#[test]
fn input_cut_anywhere_gives_a_prefix() {
    let sample = sample();
    for (coding, raw) in samples() {
        let mut most = 0;
        for cut in 1..raw.len() {
            let decoded = decode(coding, &raw[..cut], PLENTY)
                .unwrap_or_else(|error| panic!("{coding} cut at {cut}: {error}"));
            assert!(decoded.truncated, "{coding} cut at {cut}");
            assert!(sample.starts_with(&decoded.bytes), "{coding} cut at {cut}");
            most = most.max(decoded.bytes.len());
        }
        // All but the first rows of the br sample is one copy at its very end; a zstd sample is one block,
        // which only decodes as a whole.
        let least = if coding == "br" { 4 } else { 2 };
        assert!(
            coding == "zstd" || most > sample.len() / least,
            "{coding}: {most}"
        );
    }
}

#[test]
fn a_cut_zstd_frame_gives_its_whole_blocks() {
    let raw = zstd_bomb(3);
    for (cut, blocks) in [(raw.len() - 1, 2), (raw.len() - 4, 2), (raw.len() - 5, 1)] {
        let decoded = decode("zstd", &raw[..cut], PLENTY).expect("it is only cut");
        assert!(decoded.truncated);
        assert_eq!(decoded.bytes.len(), blocks * 128 * 1024, "cut at {cut}");
    }
}

#[test]
fn a_cut_br_body_gives_all_that_the_decoder_holds() {
    let raw = base64(BR_BOMB);
    let (most, cut) = (128 << 20, raw.len() / 2);
    let decoded = decode("br", &raw[..cut], most).expect("it is only cut");
    assert!(decoded.truncated);
    assert!(decoded.bytes.len() > 16 << 20, "{}", decoded.bytes.len());
    let whole = decode("br", &raw, most).expect("it is whole");
    assert_eq!((whole.bytes.len(), whole.truncated), (64 << 20, false));
}

#[test]
fn no_more_than_allowed_is_decoded() {
    let sample = sample();
    for (coding, raw) in samples() {
        for most in [0, 1, 100, sample.len() - 1] {
            let decoded = decode(coding, &raw, most).expect("it is only long");
            assert!(decoded.truncated, "{coding} at {most}");
            assert_eq!(decoded.bytes, sample[..most], "{coding} at {most}");
            assert!(decoded.bytes.capacity() <= most, "{coding} at {most}");
        }
        let exact = decode(coding, &raw, sample.len());
        assert_eq!(exact, whole(sample.clone()), "{coding}");
    }
    let plain = decode("identity", b"abc", 2).expect("it is only long");
    assert_eq!(
        (plain.bytes.as_slice(), plain.truncated),
        (&b"ab"[..], true)
    );
}

#[test]
fn bombs_are_cut() {
    let zeros = vec![0; 16 << 20];
    let bombs = [
        ("gzip", gz(&zeros)),
        ("deflate", zlib(&zeros)),
        ("gzip, gzip", gz(&gz(&zeros))),
        ("br", base64(BR_BOMB)),
        ("zstd", zstd_bomb(1000)),
    ];
    for (coding, raw) in bombs {
        let decoded = decode(coding, &raw, 100_000).expect("it is only long");
        assert!(decoded.truncated, "{coding}");
        assert_eq!(decoded.bytes.len(), 100_000, "{coding}");
        assert!(decoded.bytes.capacity() <= 100_000, "{coding}");
    }
}

#[test]
fn the_bound_holds_between_two_codings() {
    // Stored, so that the inner body is about as long as its content.
    let mut stored = GzEncoder::new(Vec::new(), Compression::none());
    stored.write_all(&sample()).expect("vectors take it all");
    let inner = stored.finish().expect("vectors take it all");
    let decoded = decode("gzip, gzip", &gz(&inner), 1000).expect("it is only long");
    assert!(decoded.truncated);
    assert!(decoded.bytes.len() < 1000 && sample().starts_with(&decoded.bytes));
}

#[test]
fn what_is_wrong_names_the_coding() {
    let mut bad_sum = gz(&sample());
    let at = bad_sum.len() - 8;
    bad_sum[at] ^= 1;
    let mut bad_zstd_sum = base64(ZSTD[0]);
    let at = bad_zstd_sum.len() - 1;
    bad_zstd_sum[at] ^= 1;
    let table = [
        ("gzip", b"<html></html>".to_vec(), "gzip"),
        ("gzip", bad_sum, "gzip"),
        ("deflate", b"<html></html>".to_vec(), "deflate"),
        ("br", b"<html></html>".to_vec(), "br"),
        ("zstd", b"<html></html>".to_vec(), "zstd"),
        ("zstd", bad_zstd_sum, "zstd: the checksum"),
        ("gzip, lzma", b"x".to_vec(), "\"lzma\""),
        (
            "gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,br",
            b"x".to_vec(),
            "more than 8",
        ),
    ];
    for (coding, raw, named) in table {
        let error = decode(coding, &raw, PLENTY).expect_err("none of these is right");
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn a_zstd_window_over_8_mib_is_refused() {
    let mut raw = zstd_bomb(1);
    raw[5] = 14 << 3;
    let error = decode("zstd", &raw, PLENTY).expect_err("the window is 16 MiB");
    assert!(error.contains("zstd"), "{error}");
}

proptest! {
    #[test]
    fn any_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
        for (coding, raw) in [
            ("gzip", gz(&bytes)),
            ("deflate", zlib(&bytes)),
            ("deflate", raw_deflate(&bytes)),
        ] {
            prop_assert_eq!(decode(coding, &raw, PLENTY), whole(bytes.clone()));
        }
    }

    /// Any input is decoded, truncated or rejected within the limit.
    #[test]
    fn damage_never_panics(index in 0_usize..6, at in any::<usize>(), byte in any::<u8>()) {
        let (coding, mut raw) = samples().swap_remove(index);
        let at = at % raw.len();
        raw[at] = byte;
        if let Ok(decoded) = decode(coding, &raw, 20_000) {
            prop_assert!(decoded.bytes.len() <= 20_000);
        }
    }
}
