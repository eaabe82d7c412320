//! Tests Digest against the examples of RFC 7616, RFC 2617 and RFC 2069, and challenge parsing against values
//! of real servers.
//!
//! Expected responses without an RFC example were computed with Python's `hashlib`, independently of the code
//! under test.

use proptest::prelude::*;

use super::{Challenge, DigestRequest, quoted};

const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
const RFC_7616: &str = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
     nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
     opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
const RFC_2617: &str = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";

fn mufasa(password: &str) -> DigestRequest<'_> {
    DigestRequest {
        method: "GET",
        uri: "/dir/index.html",
        body: b"",
        user: "Mufasa",
        password,
    }
}

fn challenge(header: &str) -> Challenge {
    Challenge::strongest(&[header]).unwrap_or_else(|| panic!("no challenge in {header}"))
}

fn field<'a>(answer: &'a str, name: &str) -> &'a str {
    let start = answer
        .find(&format!("{name}="))
        .unwrap_or_else(|| panic!("no {name} in {answer}"));
    let value = &answer[start + name.len() + 1..];
    value.split(", ").next().unwrap_or(value).trim_matches('"')
}

fn rfc_7616_answer(algorithm: &str) -> String {
    let header = format!("Digest {RFC_7616}, algorithm={algorithm}");
    challenge(&header).authorization(&mufasa("Circle of Life"), CNONCE, 1)
}

#[test]
fn rfc_7616_section_3_9_1() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let expected = format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
             uri=\"/dir/index.html\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"{CNONCE}\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        assert_eq!(rfc_7616_answer(algorithm), expected);
    }
}

#[test]
fn sessions() {
    for (algorithm, response) in [
        ("MD5-sess", "e783283f46242139c486a698fec7211d"),
        (
            "SHA-256-sess",
            "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7",
        ),
    ] {
        let answer = rfc_7616_answer(algorithm);
        assert_eq!(field(&answer, "response"), response, "{algorithm}");
        assert_eq!(field(&answer, "algorithm"), algorithm);
    }
}

/// The hashes printed in RFC 7616 come from a truncated SHA-512; these are the corrected ones of erratum
/// 4897.
#[test]
fn rfc_7616_section_3_9_2_with_erratum_4897() {
    let parameters = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
         nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
         opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8";
    let request = DigestRequest {
        method: "GET",
        uri: "/doe.json",
        body: b"",
        user: "J\u{e4}s\u{f8}n Doe",
        password: "Secret, or not?",
    };
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";

    let hashed = challenge(&format!("{parameters}, userhash=true"));
    let answer = hashed.authorization(&request, cnonce, 1);
    assert_eq!(field(&answer, "response"), response);
    let user = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
    assert_eq!(field(&answer, "username"), user);
    assert_eq!(field(&answer, "userhash"), "true");

    let extended = challenge(parameters).authorization(&request, cnonce, 1);
    assert_eq!(field(&extended, "response"), response);
    assert_eq!(
        field(&extended, "username*"),
        "UTF-8''J%C3%A4s%C3%B8n%20Doe"
    );
    assert!(!extended.contains("userhash"), "{extended}");
}

#[test]
fn rfc_2617_section_3_5() {
    let answer = challenge(RFC_2617).authorization(&mufasa("Circle Of Life"), "0a4f113b", 1);
    assert_eq!(
        field(&answer, "response"),
        "6629fae49393a05397450978507c4ef1"
    );
    assert!(!answer.contains("algorithm"), "{answer}");
}

#[test]
fn rfc_2069_section_2_4_as_corrected_by_its_erratum() {
    let header = RFC_2617.replace(" qop=\"auth,auth-int\",", "");
    let answer = challenge(&header).authorization(&mufasa("CircleOfLife"), "0a4f113b", 1);
    assert_eq!(
        answer,
        "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", uri=\"/dir/index.html\", \
         nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
         response=\"1949323746fe6a43ef61f9606e7febea\", \
         opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""
    );
}

#[test]
fn a_session_without_qop_still_tells_its_client_nonce() {
    let header = RFC_2617.replace("qop=\"auth,auth-int\"", "algorithm=MD5-sess");
    let answer = challenge(&header).authorization(&mufasa("Circle Of Life"), "0a4f113b", 1);
    assert_eq!(field(&answer, "cnonce"), "0a4f113b");
    assert!(!answer.contains("nc=00"), "{answer}");
}

#[test]
fn the_body_is_covered_when_only_auth_int_is_offered() {
    let header = format!("Digest {RFC_7616}, algorithm=SHA-256");
    let header = header.replace("auth, auth-int", "auth-int");
    let request = DigestRequest {
        method: "POST",
        body: b"name=value",
        ..mufasa("Circle of Life")
    };
    let answer = challenge(&header).authorization(&request, CNONCE, 1);
    assert_eq!(
        field(&answer, "response"),
        "30a3945ac6a1f0a9a43e6d72eb1ee639d6d01d7c7f74737ea9dbcb9fdda0bc3f"
    );
    assert_eq!(field(&answer, "qop"), "auth-int");
}

#[test]
fn the_nonce_count_is_hexadecimal() {
    let answer = challenge(RFC_2617).authorization(&mufasa("x"), "c", 0x1_a2b3);
    assert_eq!(field(&answer, "nc"), "0001a2b3");
}

#[test]
fn the_strongest_is_chosen_whatever_surrounds_it() {
    let md5 = "Digest realm=\"a\", nonce=\"1\", algorithm=MD5";
    let sha = "digest REALM=b, NONCE=Zm9v==, Algorithm=\"sha-256-SESS\", stale=TRUE";
    let unknown = "Digest realm=\"c\", nonce=\"3\", algorithm=SHA3-512";
    let one = format!("Negotiate YIIB+/==, {md5}, Basic realm=\"x, y\", {sha}, NTLM");
    for headers in [vec![one.as_str()], vec![unknown, md5, sha], vec![sha, md5]] {
        let chosen = Challenge::strongest(&headers).map(|chosen| {
            let stale = chosen.stale();
            (chosen.realm, chosen.nonce, stale)
        });
        let expected = ("b".to_owned(), "Zm9v==".to_owned(), true);
        assert_eq!(chosen, Some(expected), "{headers:?}");
    }
    let first = Challenge::strongest(&["Digest realm=a, nonce=1", "Digest realm=a, nonce=2"]);
    assert_eq!(first.as_ref().map(|one| one.nonce.as_str()), Some("1"));
}

#[test]
fn what_cannot_be_answered_is_no_challenge() {
    for header in [
        "",
        "Digest",
        "Basic realm=\"Digest realm=x, nonce=y\"",
        "Digest realm=\"x\"",
        "Digest nonce=\"x\"",
        "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-1",
        "Digest realm=\"x\", nonce=\"y\", qop=\"auth-conf\"",
        "realm=\"x\", nonce=\"y\"",
    ] {
        assert_eq!(Challenge::strongest(&[header]), None, "{header}");
    }
    assert_eq!(Challenge::strongest(&[]), None);
}

#[test]
fn quoted_strings_are_read_and_written_with_their_escapes() {
    let header = r#"Digest realm="say \"hi\", \\ok", nonce="n",, qop="""#;
    let chosen = challenge(header);
    assert_eq!(chosen.realm, r#"say "hi", \ok"#);
    let request = DigestRequest {
        user: r#"a"b\c"#,
        ..mufasa("x")
    };
    let answer = chosen.authorization(&request, "c", 1);
    let start = r#"Digest username="a\"b\\c", realm="say \"hi\", \\ok", uri="#;
    assert!(answer.starts_with(start), "{answer}");
    assert!(!answer.contains("qop"), "{answer}");
}

#[test]
fn control_characters_of_a_name_do_not_reach_the_header() {
    let request = DigestRequest {
        user: "a\r\nX: y",
        ..mufasa("x")
    };
    let answer = challenge(RFC_2617).authorization(&request, "c", 1);
    assert_eq!(field(&answer, "username*"), "UTF-8''a%0D%0AX%3A%20y");
}

#[test]
fn a_name_beyond_ascii_stays_plain_where_utf_8_is_not_announced() {
    let request = DigestRequest {
        user: "J\u{e4}s\u{f8}n",
        ..mufasa("x")
    };
    let answer = challenge(RFC_2617).authorization(&request, "c", 1);
    assert_eq!(field(&answer, "username"), "J\u{e4}s\u{f8}n");
}

proptest! {
    #[test]
    fn no_header_makes_the_reader_panic(header in any::<String>()) {
        let _ = Challenge::strongest(&[&header, &format!("Digest {header}")]);
    }

    #[test]
    fn no_header_of_the_right_letters_does(header in "(Digest|[a-z]{1,2}|[=,\"\\\\ é])*") {
        let _ = Challenge::strongest(&[&header, &format!("Digest {header}")]);
    }

    #[test]
    fn what_is_written_is_read_again(realm in any::<String>(), nonce in any::<String>()) {
        let header = format!("Digest realm={}, nonce={}", quoted(&realm), quoted(&nonce));
        let chosen = challenge(&header);
        prop_assert_eq!(chosen.realm, realm);
        prop_assert_eq!(chosen.nonce, nonce);
    }
}
