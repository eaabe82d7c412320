//! The primitives of the script libraries: hashes, ciphers, random bytes and text encodings, each from a
//! crate. Bytes cross as binary strings, which have one character per byte.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use hmac::{Hmac, Mac};
use rquickjs::{Ctx, Object, Result};
use sha2::Digest;

use super::functions::{bytes_of, define, text_of, throw};

/// Maximum length of random bytes and of derived keys per call, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// Maximum iterations of a key derivation, which cannot be interrupted.
const MAX_ITERATIONS: u32 = 200_000;

/// Defines the functions in `host`.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_libraries(host: &Object<'_>) -> Result<()> {
    define(host, "hash", |ctx: Ctx<'_>, name: String, data: String| {
        or_throw(&ctx, hash(&name, &bytes_of(&data)))
    })?;
    define(
        host,
        "hmac",
        |ctx: Ctx<'_>, name: String, key: String, data: String| {
            or_throw(&ctx, hmac(&name, &bytes_of(&key), &bytes_of(&data)))
        },
    )?;
    define(
        host,
        "pbkdf2",
        |ctx: Ctx<'_>, name: String, password: String, salt: String, rounds: u32, length: usize| {
            let derived = pbkdf2(
                &name,
                &bytes_of(&password),
                &bytes_of(&salt),
                rounds,
                length,
            );
            or_throw(&ctx, derived)
        },
    )?;
    define(
        host,
        "aes",
        |ctx: Ctx<'_>, direction: String, mode: String, key: String, iv: String, data: String| {
            let encrypts = direction == "encrypt";
            let done = aes(
                encrypts,
                &mode,
                &bytes_of(&key),
                &bytes_of(&iv),
                bytes_of(&data),
            );
            or_throw(&ctx, done)
        },
    )?;
    define(host, "random", |ctx: Ctx<'_>, length: usize| {
        or_throw(&ctx, random(length))
    })?;
    define(host, "utf8Encode", |text: String| text_of(text.as_bytes()))?;
    define(host, "utf8Decode", |bytes: String| {
        String::from_utf8_lossy(&bytes_of(&bytes)).into_owned()
    })
}

fn or_throw(ctx: &Ctx<'_>, bytes: std::result::Result<Vec<u8>, String>) -> Result<String> {
    match bytes {
        Ok(bytes) => Ok(text_of(&bytes)),
        Err(words) => Err(throw(ctx, &words)),
    }
}

type Bytes = std::result::Result<Vec<u8>, String>;

fn unknown(name: &str) -> String {
    format!("the hash \"{name}\" is not supported")
}

fn hash(name: &str, data: &[u8]) -> Bytes {
    Ok(match name {
        "md5" => md5::Md5::digest(data).to_vec(),
        "sha1" => sha1::Sha1::digest(data).to_vec(),
        "sha224" => sha2::Sha224::digest(data).to_vec(),
        "sha256" => sha2::Sha256::digest(data).to_vec(),
        "sha384" => sha2::Sha384::digest(data).to_vec(),
        "sha512" => sha2::Sha512::digest(data).to_vec(),
        "ripemd160" => ripemd::Ripemd160::digest(data).to_vec(),
        "sha3-224" => sha3::Sha3_224::digest(data).to_vec(),
        "sha3-256" => sha3::Sha3_256::digest(data).to_vec(),
        "sha3-384" => sha3::Sha3_384::digest(data).to_vec(),
        "sha3-512" => sha3::Sha3_512::digest(data).to_vec(),
        "keccak-224" => sha3::Keccak224::digest(data).to_vec(),
        "keccak-256" => sha3::Keccak256::digest(data).to_vec(),
        "keccak-384" => sha3::Keccak384::digest(data).to_vec(),
        "keccak-512" => sha3::Keccak512::digest(data).to_vec(),
        _ => return Err(unknown(name)),
    })
}

fn keyed<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Bytes {
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|error| error.to_string())?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Block size of Keccak-512 in bytes.
const KECCAK_512_BLOCK: usize = 72;

/// HMAC (RFC 2104) over a hash whose types the `hmac` crate does not accept.
fn keyed_by_hand(name: &str, block: usize, key: &[u8], data: &[u8]) -> Bytes {
    let mut key = if key.len() > block {
        hash(name, key)?
    } else {
        key.to_vec()
    };
    key.resize(block, 0);
    let padded = |pad: u8| key.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = hash(name, &[&padded(0x36), data].concat())?;
    hash(name, &[padded(0x5c), inner].concat())
}

fn hmac(name: &str, key: &[u8], data: &[u8]) -> Bytes {
    match name {
        "md5" => keyed::<Hmac<md5::Md5>>(key, data),
        "sha1" => keyed::<Hmac<sha1::Sha1>>(key, data),
        "sha224" => keyed::<Hmac<sha2::Sha224>>(key, data),
        "sha256" => keyed::<Hmac<sha2::Sha256>>(key, data),
        "sha384" => keyed::<Hmac<sha2::Sha384>>(key, data),
        "sha512" => keyed::<Hmac<sha2::Sha512>>(key, data),
        "ripemd160" => keyed::<Hmac<ripemd::Ripemd160>>(key, data),
        "keccak-512" => keyed_by_hand(name, KECCAK_512_BLOCK, key, data),
        _ => Err(unknown(name)),
    }
}

fn pbkdf2(name: &str, password: &[u8], salt: &[u8], rounds: u32, length: usize) -> Bytes {
    if length > MAX_BYTES || rounds > MAX_ITERATIONS {
        return Err(format!(
            "PBKDF2 is limited to {MAX_BYTES} bytes and {MAX_ITERATIONS} iterations"
        ));
    }
    let mut key = vec![0; length];
    match name {
        "md5" => pbkdf2::pbkdf2_hmac::<md5::Md5>(password, salt, rounds, &mut key),
        "sha1" => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, rounds, &mut key),
        "sha224" => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, rounds, &mut key),
        "sha256" => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, &mut key),
        "sha384" => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, rounds, &mut key),
        "sha512" => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, rounds, &mut key),
        "ripemd160" => pbkdf2::pbkdf2_hmac::<ripemd::Ripemd160>(password, salt, rounds, &mut key),
        _ => return Err(unknown(name)),
    }
    Ok(key)
}

/// AES over whole blocks. CTR accepts any length.
fn aes(encrypts: bool, mode: &str, key: &[u8], iv: &[u8], mut data: Vec<u8>) -> Bytes {
    let done = match key.len() {
        16 => cipher::<aes::Aes128>(encrypts, mode, key, iv, &mut data),
        24 => cipher::<aes::Aes192>(encrypts, mode, key, iv, &mut data),
        32 => cipher::<aes::Aes256>(encrypts, mode, key, iv, &mut data),
        other => Err(format!(
            "an AES key must have 16, 24 or 32 bytes, got {other}"
        )),
    };
    done.map(|()| data)
}

fn cipher<C>(
    encrypts: bool,
    mode: &str,
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
) -> std::result::Result<(), String>
where
    C: KeyInit
        + aes::cipher::BlockSizeUser<BlockSize = aes::cipher::consts::U16>
        + aes::cipher::BlockCipherEncrypt
        + aes::cipher::BlockCipherDecrypt,
{
    fn words(error: impl std::fmt::Display) -> String {
        error.to_string()
    }
    let length = data.len();
    match (mode, encrypts) {
        ("ctr", _) => {
            let mut stream = ctr::Ctr128BE::<C>::new_from_slices(key, iv).map_err(words)?;
            stream.apply_keystream(data);
            Ok(())
        }
        ("cbc", true) => {
            let cipher = cbc::Encryptor::<C>::new_from_slices(key, iv).map_err(words)?;
            let done = cipher.encrypt_padded::<NoPadding>(data, length);
            done.map(|_| ()).map_err(words)
        }
        ("cbc", false) => {
            let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(words)?;
            let done = cipher.decrypt_padded::<NoPadding>(data);
            done.map(|_| ()).map_err(words)
        }
        ("ecb", true) => {
            let cipher = ecb::Encryptor::<C>::new_from_slice(key).map_err(words)?;
            let done = cipher.encrypt_padded::<NoPadding>(data, length);
            done.map(|_| ()).map_err(words)
        }
        ("ecb", false) => {
            let cipher = ecb::Decryptor::<C>::new_from_slice(key).map_err(words)?;
            let done = cipher.decrypt_padded::<NoPadding>(data);
            done.map(|_| ()).map_err(words)
        }
        _ => Err(format!("the AES mode \"{mode}\" is not supported")),
    }
}

/// Returns random bytes from the kernel.
///
/// # Errors
/// Returns an error if too many bytes are requested or the kernel provides none.
pub fn random(length: usize) -> Bytes {
    if length > MAX_BYTES {
        return Err(format!(
            "at most {MAX_BYTES} random bytes can be requested per call"
        ));
    }
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        let flags = rustix::rand::GetRandomFlags::empty();
        filled += rustix::rand::getrandom(&mut bytes[filled..], flags)
            .map_err(|error| error.to_string())?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keccak_is_the_one_before_the_standard() {
        let start = |name: &str| hash(name, b"").map(|digest| digest[..4].to_vec());
        for (name, expected) in [
            ("keccak-224", [0xf7, 0x18, 0x37, 0x50]),
            ("keccak-256", [0xc5, 0xd2, 0x46, 0x01]),
            ("keccak-384", [0x2c, 0x23, 0x14, 0x6a]),
            ("keccak-512", [0x0e, 0xab, 0x42, 0xde]),
            ("sha3-256", [0xa7, 0xff, 0xc6, 0xf8]),
        ] {
            assert_eq!(start(name), Ok(expected.to_vec()), "{name}");
        }
        // The last key is longer than a block.
        for (key, expected) in [
            ("key".to_owned(), [0x17, 0x42, 0x32, 0xc3]),
            ("k".repeat(80), [0x6e, 0xc7, 0x2b, 0xe1]),
        ] {
            let mac = hmac("keccak-512", key.as_bytes(), b"a");
            assert_eq!(mac.map(|mac| mac[..4].to_vec()), Ok(expected.to_vec()));
        }
    }
}
