//! Tests signatures against AWS's published test suite (aws-sig-v4-test-suite) and the examples of the S3
//! documentation.
//!
//! The suite's paths and queries are given as a client sends them, or raw where the suite has them raw.

use proptest::prelude::*;

use super::{AwsKey, SignRequest, object_path, service_path, timestamp};

fn suite() -> AwsKey {
    AwsKey {
        access_key: "AKIDEXAMPLE".to_owned(),
        secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "service".to_owned(),
    }
}

fn s3() -> AwsKey {
    AwsKey {
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        service: "s3".to_owned(),
        ..suite()
    }
}

const VANILLA: SignRequest<'_> = SignRequest {
    method: "GET",
    host: "example.amazonaws.com",
    path: "/",
    query: "",
    headers: &[],
    body: b"",
};
const EXAMPLE_BUCKET: SignRequest<'_> = SignRequest {
    host: "examplebucket.s3.amazonaws.com",
    ..VANILLA
};
/// 2015-08-30 12:36:00 UTC, the suite's time.
const SUITE_TIME: u64 = 1_440_938_160;
/// 2013-05-24 00:00:00 UTC, the time of the S3 examples.
const S3_TIME: u64 = 1_369_353_600;
const VANILLA_SIGNATURE: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn value<'a>(added: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
    let found = added.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.as_str())
}

/// Returns the list of signed headers and the signature.
fn signed(keys: &AwsKey, request: &SignRequest<'_>, time: u64) -> (String, String) {
    let added = keys.sign(request, time);
    let value = value(&added, "Authorization").unwrap_or_else(|| panic!("{added:?}"));
    let (_, names) = value.split_once("SignedHeaders=").unwrap_or_default();
    let (names, signature) = names.split_once(", Signature=").unwrap_or_default();
    (names.to_owned(), signature.to_owned())
}

fn suite_signature(request: &SignRequest<'_>) -> String {
    signed(&suite(), request, SUITE_TIME).1
}

#[test]
fn get_vanilla() {
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={VANILLA_SIGNATURE}"
    );
    let added = suite().sign(&VANILLA, SUITE_TIME);
    let date = ("X-Amz-Date", "20150830T123600Z".to_owned());
    assert_eq!(added, [date, ("Authorization", expected)]);
}

#[test]
fn get_vanilla_with_session_token() {
    let keys = AwsKey {
        session_token: Some(
            "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267".to_owned(),
        ),
        ..suite()
    };
    let added = keys.sign(&VANILLA, SUITE_TIME);
    assert_eq!(
        value(&added, "X-Amz-Security-Token"),
        keys.session_token.as_deref()
    );
    let (names, signature) = signed(&keys, &VANILLA, SUITE_TIME);
    assert_eq!(names, "host;x-amz-date;x-amz-security-token");
    assert_eq!(
        signature,
        "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
    );
}

#[test]
fn queries_of_the_suite() {
    let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let unreserved = format!("{unreserved}={unreserved}");
    for (query, signature) in [
        // get-vanilla-query-order-key-case
        (
            "Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        // get-vanilla-query-order-encoded
        (
            "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ),
        // get-vanilla-empty-query-key
        (
            "Param1=value1",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ),
        // get-vanilla-query-unreserved
        (
            unreserved.as_str(),
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ),
        // get-vanilla-utf8-query
        (
            "%e1%88%b4=bar",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
    ] {
        let request = SignRequest { query, ..VANILLA };
        assert_eq!(suite_signature(&request), signature, "{query}");
    }
}

#[test]
fn paths_of_the_suite() {
    for (path, signature) in [
        // get-utf8
        (
            "/\u{1234}",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        // get-space-normalized
        (
            "/example space/",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ),
        // get-unreserved
        (
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        // get-slashes-normalized
        (
            "//example//",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ),
        // get-slash-dot-slash-normalized
        ("/./", VANILLA_SIGNATURE),
        // get-relative-relative-normalized
        ("/example1/example2/../..", VANILLA_SIGNATURE),
        ("", VANILLA_SIGNATURE),
    ] {
        let request = SignRequest { path, ..VANILLA };
        assert_eq!(suite_signature(&request), signature, "{path}");
    }
}

#[test]
fn headers_of_the_suite() {
    for (given, signature) in [
        // get-header-value-trim
        (
            headers(&[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")]),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        // get-header-value-order
        (
            headers(&[
                ("My-Header1", "value4"),
                ("My-Header1", "value1"),
                ("My-Header1", "value3"),
                ("My-Header1", "value2"),
            ]),
            "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        ),
        // get-header-key-duplicate
        (
            headers(&[
                ("My-Header1", "value2"),
                ("My-Header1", "value2"),
                ("My-Header1", "value1"),
            ]),
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
    ] {
        let request = SignRequest {
            headers: &given,
            ..VANILLA
        };
        assert_eq!(suite_signature(&request), signature, "{given:?}");
    }
}

#[test]
fn post_vanilla_query() {
    let request = SignRequest {
        method: "POST",
        query: "Param1=value1",
        ..VANILLA
    };
    assert_eq!(
        suite_signature(&request),
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
    );
}

#[test]
fn post_header_key_sort() {
    let request = SignRequest {
        method: "POST",
        headers: &headers(&[("My-Header1", "value1")]),
        ..VANILLA
    };
    assert_eq!(
        suite_signature(&request),
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"
    );
}

#[test]
fn post_x_www_form_urlencoded() {
    let hash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    let given = headers(&[
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", "13"),
        ("x-amz-content-sha256", hash),
    ]);
    let request = SignRequest {
        method: "POST",
        headers: &given,
        body: b"Param1=value1",
        ..VANILLA
    };
    let (names, signature) = signed(&suite(), &request, SUITE_TIME);
    assert_eq!(
        names,
        "content-length;content-type;host;x-amz-content-sha256;x-amz-date"
    );
    assert_eq!(
        signature,
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"
    );
}

#[test]
fn s3_get_object() {
    let given = headers(&[("Range", "bytes=0-9")]);
    let request = SignRequest {
        path: "/test.txt",
        headers: &given,
        ..EXAMPLE_BUCKET
    };
    let added = s3().sign(&request, S3_TIME);
    assert_eq!(
        value(&added, "X-Amz-Content-Sha256"),
        Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    let (names, signature) = signed(&s3(), &request, S3_TIME);
    assert_eq!(names, "host;range;x-amz-content-sha256;x-amz-date");
    assert_eq!(
        signature,
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
}

#[test]
fn s3_put_object_encodes_its_path_once() {
    let given = headers(&[
        ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ]);
    for path in ["/test$file.text", "/test%24file.text"] {
        let request = SignRequest {
            method: "PUT",
            path,
            headers: &given,
            body: b"Welcome to Amazon S3.",
            ..EXAMPLE_BUCKET
        };
        let (_, signature) = signed(&s3(), &request, S3_TIME);
        assert_eq!(
            signature,
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
    }
}

#[test]
fn replaced_and_hop_by_hop_headers_are_not_signed() {
    let given = headers(&[
        ("authorization", "Bearer x"),
        ("HOST", "elsewhere.example"),
        ("Connection", "close"),
        ("User-Agent", "test"),
        ("x-amz-date", "19700101T000000Z"),
    ]);
    let request = SignRequest {
        headers: &given,
        ..VANILLA
    };
    assert_eq!(suite_signature(&request), VANILLA_SIGNATURE);
}

#[test]
fn a_given_payload_hash_is_kept() {
    let given = headers(&[("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")]);
    let sign = |body: &[u8]| {
        let request = SignRequest {
            headers: &given,
            body,
            ..EXAMPLE_BUCKET
        };
        s3().sign(&request, S3_TIME)
    };
    let added = sign(b"one");
    assert_eq!(value(&added, "X-Amz-Content-Sha256"), None);
    assert_eq!(added, sign(b"two"));
}

#[test]
fn equal_queries_in_other_spellings_have_one_signature() {
    let of = |query| suite_signature(&SignRequest { query, ..VANILLA });
    assert_eq!(of("b&a=x+y/~"), of("&a=x%20y%2f%7E&b=&"));
    assert_ne!(of("a=x+y"), of("a=x%2By"));
    assert_ne!(of("a=1&a=2"), of("a=1&a=3"));
}

#[test]
fn what_is_sent_encoded_is_encoded_once_more_except_for_s3() {
    for (path, service, object) in [
        // The example of the AWS General Reference.
        (
            "/documents%20and%20settings/",
            "/documents%2520and%2520settings/",
            "/documents%20and%20settings/",
        ),
        ("/a//./b/../c%2fd", "/a/c%252fd", "/a//./b/../c/d"),
        ("/a/b/..", "/a/", "/a/b/.."),
        ("/../a:b", "/a%3Ab", "/../a%3Ab"),
    ] {
        assert_eq!(service_path(path), service);
        assert_eq!(object_path(path), object);
    }
}

#[test]
fn timestamps() {
    for (seconds, expected) in [
        (0, "19700101T000000Z"),
        (SUITE_TIME, "20150830T123600Z"),
        (951_782_400, "20000229T000000Z"),
        (951_868_799, "20000229T235959Z"),
        (951_868_800, "20000301T000000Z"),
        (1_709_164_800, "20240229T000000Z"),
        (1_735_689_599, "20241231T235959Z"),
        (4_107_542_400, "21000301T000000Z"),
        (253_402_300_799, "99991231T235959Z"),
    ] {
        assert_eq!(timestamp(seconds), expected);
    }
}

proptest! {
    #[test]
    fn no_path_or_query_makes_it_panic(
        path in any::<String>(),
        query in any::<String>(),
        time in any::<u64>(),
    ) {
        let request = SignRequest { path: &path, query: &query, ..VANILLA };
        prop_assert_eq!(suite().sign(&request, time).len(), 2);
        prop_assert_eq!(s3().sign(&request, time).len(), 3);
    }
}
