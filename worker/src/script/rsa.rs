//! RSA signatures (RSASSA-PKCS1-v1_5) for `crypto.subtle` of scripts, by `ring`.
//!
//! A key is a list of numbers, named as in JSON Web Keys (RFC 7518): `n` and `e` of a public key, and `d`,
//! `p`, `q`, `dp`, `dq` and `qi` of a private key, each as big-endian bytes. Bytes cross as binary strings,
//! which have one character per byte. `js/web/subtle.js` decides what a script may do with a key; nothing
//! here encrypts.

mod der;

use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair, RsaParameters,
    RsaPublicKeyComponents,
};
use rquickjs::{Ctx, Object, Result};

use super::functions::{bytes_of, define, text_of, throw};

/// Number of values in a public key: `n`, `e`.
const PUBLIC: usize = 2;
/// Number of values in a private key.
const PRIVATE: usize = 8;

type Numbers = Vec<Vec<u8>>;
type Outcome<T> = std::result::Result<T, String>;

/// Defines the functions in `host`.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_rsa<'js>(host: &Object<'js>) -> Result<()> {
    define(
        host,
        "rsaRead",
        |ctx: Ctx<'js>, format: String, data: String| {
            let numbers = or_throw(&ctx, read(&format, &bytes_of(&data)))?;
            Ok::<_, rquickjs::Error>(
                numbers
                    .iter()
                    .map(|number| text_of(number))
                    .collect::<Vec<_>>(),
            )
        },
    )?;
    define(host, "rsaWrite", |key: Vec<String>| {
        text_of(&write(&numbers(&key)))
    })?;
    define(host, "rsaCheck", |ctx: Ctx<'js>, key: Vec<String>| {
        or_throw(&ctx, check(&numbers(&key)))
    })?;
    define(
        host,
        "rsaSign",
        |ctx: Ctx<'js>, hash: String, key: Vec<String>, data: String| {
            let signature = sign(&hash, &numbers(&key), &bytes_of(&data));
            or_throw(&ctx, signature).map(|signature| text_of(&signature))
        },
    )?;
    define(
        host,
        "rsaVerify",
        |ctx: Ctx<'js>, hash: String, key: Vec<String>, signature: String, data: String| {
            let key = numbers(&key);
            or_throw(
                &ctx,
                verify(&hash, &key, &bytes_of(&signature), &bytes_of(&data)),
            )
        },
    )
}

fn or_throw<T>(ctx: &Ctx<'_>, outcome: Outcome<T>) -> Result<T> {
    outcome.map_err(|words| throw(ctx, &words))
}

/// Converts numbers to bytes without leading zeros, which `ring` refuses.
fn numbers(key: &[String]) -> Numbers {
    let bare = |text: &String| bytes_of(text.trim_start_matches('\0'));
    key.iter().map(bare).collect()
}

fn read(format: &str, data: &[u8]) -> Outcome<Numbers> {
    match format {
        "spki" => der::read_public(data).ok_or("the data is not the SPKI of an RSA public key"),
        _ => der::read_private(data).ok_or("the data is not the PKCS #8 of an RSA private key"),
    }
    .map_err(str::to_owned)
}

fn write(numbers: &[Vec<u8>]) -> Vec<u8> {
    match numbers.len() {
        PUBLIC => der::write_public(numbers),
        _ => der::write_private(numbers),
    }
}

/// Checks that a private key can sign.
fn check(numbers: &[Vec<u8>]) -> Outcome<()> {
    key_pair(numbers).map(|_| ())
}

fn key_pair(numbers: &[Vec<u8>]) -> Outcome<RsaKeyPair> {
    let [n, e, d, p, q, dp, dq, qi]: &[Vec<u8>; PRIVATE] = numbers
        .try_into()
        .map_err(|_| "an RSA private key must have the numbers n, e, d, p, q, dp, dq and qi")?;
    let public_key = RsaPublicKeyComponents { n, e };
    let components = ring::rsa::KeyPairComponents {
        public_key,
        d,
        p,
        q,
        dP: dp,
        dQ: dq,
        qInv: qi,
    };
    RsaKeyPair::from_components(&components).map_err(|error| {
        format!("the RSA private key was rejected ({error}): keys must have 2048 to 4096 bits and two primes")
    })
}

fn sign(hash: &str, numbers: &[Vec<u8>], data: &[u8]) -> Outcome<Vec<u8>> {
    let encoding: &'static dyn RsaEncoding = match hash {
        "sha256" => &RSA_PKCS1_SHA256,
        "sha384" => &RSA_PKCS1_SHA384,
        "sha512" => &RSA_PKCS1_SHA512,
        _ => {
            return Err(
                "RSA signing supports SHA-256, SHA-384 and SHA-512; SHA-1 is supported for verification only"
                    .into(),
            );
        }
    };
    let pair = key_pair(numbers)?;
    let mut signature = vec![0; pair.public().modulus_len()];
    let signed = pair.sign(encoding, &SystemRandom::new(), data, &mut signature);
    signed.map_err(|_| "the numbers of the RSA private key are inconsistent")?;
    Ok(signature)
}

fn verify(hash: &str, numbers: &[Vec<u8>], signature: &[u8], data: &[u8]) -> Outcome<bool> {
    let parameters: &RsaParameters = match hash {
        "sha1" => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        "sha384" => &RSA_PKCS1_2048_8192_SHA384,
        _ => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    };
    let [n, e, ..] = numbers else {
        return Err("an RSA public key has the numbers n and e".into());
    };
    let key = RsaPublicKeyComponents { n, e };
    Ok(key.verify(parameters, data, signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 2048-bit test key that is used nowhere else, as PKCS #8.
    const KEY: &[u8] = include_bytes!("rsa/test_key.der");

    #[test]
    fn what_a_key_signed_is_verified_by_its_public_half() {
        let private = read("pkcs8", KEY).expect("a key");
        let public = private[..PUBLIC].to_vec();
        check(&private).expect("a key that can sign");
        for hash in ["sha256", "sha384", "sha512"] {
            let signature = sign(hash, &private, b"text").expect("a signature");
            assert_eq!(signature.len(), 256);
            assert_eq!(verify(hash, &public, &signature, b"text"), Ok(true));
            assert_eq!(verify(hash, &public, &signature, b"other"), Ok(false));
            assert_eq!(verify("sha1", &public, &signature, b"text"), Ok(false));
        }
        assert!(sign("sha1", &private, b"text").is_err());
        assert!(sign("sha256", &public, b"text").is_err());
    }

    #[test]
    fn keys_are_written_as_they_were_read() {
        let private = read("pkcs8", KEY).expect("a key");
        assert_eq!(write(&private), KEY);
        let public = private[..PUBLIC].to_vec();
        let spki = write(&public);
        assert_eq!(read("spki", &spki), Ok(public));
        for end in 0..spki.len() {
            assert!(read("spki", &spki[..end]).is_err(), "{end} bytes");
        }
        for end in 0..KEY.len() {
            assert!(read("pkcs8", &KEY[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn a_key_whose_numbers_do_not_fit_is_refused() {
        let mut private = read("pkcs8", KEY).expect("a key");
        private.swap(3, 4);
        assert!(sign("sha256", &private, b"text").is_err());
        private[3].truncate(4);
        assert!(check(&private).is_err());
    }
}
