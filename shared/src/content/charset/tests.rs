//! Table tests of the character encodings.

use super::*;

/// "Привет" in windows-1251.
const PRIVET: &[u8] = b"\xcf\xf0\xe8\xe2\xe5\xf2";

#[test]
fn the_encoding_is_found_where_it_is_named() {
    let meta = |before: &str, tag: &str| [before.as_bytes(), tag.as_bytes(), PRIVET].concat();
    let declaration = "<?xml version='1.0' encoding='windows-1251'?><a>";
    let far = format!("<!--{}-->", " ".repeat(PRESCAN_BYTES));
    for (kind, body, expected) in [
        ("text/plain; charset=windows-1251", PRIVET.to_vec(), true),
        ("text/plain;Charset=\"WINDOWS-1251\"", PRIVET.to_vec(), true),
        (
            "text/plain; a=b; charset = 'cp1251' ",
            PRIVET.to_vec(),
            true,
        ),
        ("text/plain", PRIVET.to_vec(), false),
        ("text/plain; charset=nonsense", PRIVET.to_vec(), false),
        ("text/html", meta("", "<meta charset=windows-1251>"), true),
        (
            "text/html; charset=x",
            meta("\n<html>", "<META\tCharset = 'cp1251'/>"),
            true,
        ),
        (
            "text/html",
            meta(
                "<html>",
                r#"<meta content="text/html; charset=windows-1251" http-equiv="Content-Type">"#,
            ),
            true,
        ),
        (
            "text/html",
            meta("<meta name=charset>", "<meta charset=cp1251>"),
            true,
        ),
        (
            "text/html",
            meta("<!-- <meta charset=koi8-r> -->", "<meta charset=cp1251>"),
            true,
        ),
        (
            "text/html",
            meta("<metal charset=koi8-r>", "<meta charset=cp1251>"),
            true,
        ),
        ("text/html", meta(&far, "<meta charset=cp1251>"), false),
        ("text/html", meta("", "<meta charset="), false),
        (
            "text/html; charset=utf-8",
            meta("", "<meta charset=cp1251>"),
            false,
        ),
        ("text/plain", meta("", "<meta charset=cp1251>"), false),
        ("", meta("<html>", "<meta charset=cp1251>"), true),
        ("application/xml", meta("", declaration), true),
        ("image/svg+xml", meta("", declaration), true),
        ("application/xhtml+xml", meta("", declaration), true),
        ("application/json", meta("", declaration), false),
        (
            "text/xml",
            meta("", "<?xml version='1.0' encoding='windows-1251'"),
            false,
        ),
        ("text/html", meta("", "<meta charset=utf-16>"), false),
    ] {
        let shown = text(kind, &body);
        assert_eq!(shown.ends_with("Привет"), expected, "{kind}: {shown}");
        assert_eq!(
            valid_text(kind, &body).is_some(),
            expected,
            "{kind}: {shown}"
        );
        let bytes = String::from_utf8_lossy(&utf8_bytes(kind, &body)).into_owned();
        assert_eq!(bytes, shown, "{kind}");
    }
}

#[test]
fn a_byte_order_mark_decides_and_is_no_part_of_the_text() {
    for (kind, body, expected) in [
        (
            "text/plain; charset=windows-1251",
            &b"\xef\xbb\xbfh\xc3\xa9"[..],
            "hé",
        ),
        ("text/plain; charset=utf-8", b"\xff\xfeh\0\xe9\0", "hé"),
        ("text/plain; charset=utf-16le", b"\xfe\xff\0h\0\xe9", "hé"),
        ("text/plain; charset=utf-16le", b"h\0\xe9\0", "hé"),
        ("text/plain; charset=utf-16be", b"\0h\0\xe9", "hé"),
        ("text/plain; charset=utf-16", b"h\0\xe9\0", "hé"),
        ("", b"\xef\xbb\xbf", ""),
        ("", b"", ""),
    ] {
        assert_eq!(text(kind, body), expected, "{kind} {body:?}");
        assert_eq!(valid_text(kind, body).as_deref(), Some(expected), "{kind}");
        assert_eq!(&*utf8_bytes(kind, body), expected.as_bytes(), "{kind}");
    }
}

#[test]
fn every_encoding_of_the_standard_is_known() {
    // Labels with byte sequences that distinguish them from other encodings.
    for (label, bytes, expected) in [
        ("big5", &b"\xc1\x63\xc5\xe9"[..], "繁體"),
        ("euc-jp", b"\xc6\xfc\xcb\xdc", "日本"),
        ("euc-kr", b"\xc7\xd1\xb1\xdb", "한글"),
        ("gb18030", b"\xd6\xd0\xa2\xe3", "中€"),
        ("gb2312", b"\xd6\xd0\xce\xc4", "中文"),
        ("gbk", b"\xd6\xd0\xce\xc4", "中文"),
        ("ibm866", b"\x8f\xe0", "Пр"),
        ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B", "日本"),
        ("iso-8859-1", b"caf\xe9", "café"),
        ("latin1", b"caf\xe9", "café"),
        ("us-ascii", b"caf\xe9", "café"),
        ("iso-8859-2", b"\xbelu\xbb", "žluť"),
        ("iso-8859-15", b"10 \xa4", "10 €"),
        ("koi8-r", b"\xf0\xd2\xc9", "При"),
        ("koi8-u", b"\xa6\xa4", "іє"),
        ("macintosh", b"caf\x8e", "café"),
        ("shift_jis", b"\x95\x5c\x8e\xa6", "表示"),
        ("windows-1250", b"\x9elu\x9d", "žluť"),
        ("windows-1252", b"\x93q\x94 \x80", "“q” €"),
        ("windows-1254", b"\xfe", "ş"),
        ("windows-874", b"\xa1", "ก"),
        ("utf8", "日本".as_bytes(), "日本"),
    ] {
        let kind = format!("text/plain; charset={label}");
        assert_eq!(text(&kind, bytes), expected, "{label}");
        assert_eq!(
            valid_text(&kind, bytes).as_deref(),
            Some(expected),
            "{label}"
        );
    }
    assert!(valid_text("text/plain; charset=gbk", b"\xff\xff").is_none());
    assert_eq!(essence(" Text/HTML ; charset=x"), "text/html");
}

#[test]
fn a_cut_character_is_no_part_of_the_text() {
    for (kind, body, cut, expected) in [
        ("", "aé".as_bytes(), 1, "a"),
        ("", "aé".as_bytes(), 0, "aé"),
        ("", "a€".as_bytes(), 1, "a"),
        ("", b"a\xff\xe9", 1, "a\u{fffd}"),
        ("text/plain; charset=gbk", b"a\xd6\xd0\xce", 0, "a中"),
        ("text/plain; charset=utf-16", b"a\0\x2d\x4e", 1, "a"),
        ("", b"", 0, ""),
    ] {
        let cut = &body[..body.len() - cut];
        assert_eq!(truncated_text(kind, cut), expected, "{kind} {body:?}");
    }
}
