//! Tests of file access: files below the allowed directories, links and `..`, and the errors for all other
//! paths.

use tempfile::TempDir;

use super::*;

/// Creates a directory with `in/a.txt`, `in/b.png`, `out/secret` and links in `in`.
pub(crate) fn files() -> (TempDir, AllowedFiles) {
    let dir = tempfile::tempdir().expect("there is room for a directory");
    let path = |name: &str| dir.path().join(name);
    for name in ["in", "out", "inside-not"] {
        fs::create_dir(path(name)).expect("the directory is ours");
    }
    for (name, content) in [
        ("in/a.txt", "text of a"),
        ("in/b.png", "\u{1}"),
        ("out/secret", "secret"),
        ("inside-not/x", "secret"),
    ] {
        fs::write(path(name), content).expect("the directory is ours");
    }
    for (name, to) in [
        ("in/link", "../out/secret"),
        ("in/dir", "../out"),
        ("in/ok", "a.txt"),
    ] {
        std::os::unix::fs::symlink(to, path(name)).expect("the directory is ours");
    }
    let allowed = AllowedFiles::new(&[path("in")]).expect("it was just made");
    (dir, allowed)
}

pub(crate) fn text_path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

#[test]
fn nothing_outside_the_directories_is_read() {
    let (dir, files) = files();
    let outside = |name: &str| text_path(&dir.path().join(name)).to_owned();
    for path in [
        "link".to_owned(),
        "dir/secret".to_owned(),
        "../out/secret".to_owned(),
        "../out/missing".to_owned(),
        outside("out/secret"),
        outside("out/missing"),
        outside("inside-not/x"),
        outside("in/../out/secret"),
        "/etc/passwd".to_owned(),
    ] {
        let error = files.read("f", &path, 100).expect_err("it is outside");
        assert!(error.problem.contains("not in a directory"), "{error}");
        assert!(error.problem.contains("`--allow-files`"), "{error}");
    }
    let inside = outside("in/../in/a.txt");
    let bytes = files.read("f", &inside, 9).expect("it leads back in");
    assert_eq!(bytes, b"text of a");
    let error = AllowedFiles::default()
        .read("f", &inside, 9)
        .expect_err("files are off");
    assert!(error.problem.contains("file access is disabled"), "{error}");
    assert!(error.problem.contains("`--allow-files DIR`"), "{error}");
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let (dir, files) = files();
    for (path, named) in [
        ("missing", "No such file"),
        ("", "regular file"),
        (".", "regular file"),
        ("a\0b", "cannot be read"),
        ("a.txt", "longer than the remaining 8 bytes"),
    ] {
        let error = files.read("f", path, 8).expect_err("none is right");
        assert_eq!(error.field, "f");
        assert!(error.problem.contains(named), "{error}");
    }
    for name in ["in/a.txt", "missing"] {
        let path: PathBuf = dir.path().join(name);
        let error = AllowedFiles::new(std::slice::from_ref(&path)).expect_err("no directory");
        assert!(error.to_string().contains(text_path(&path)), "{error}");
    }
}
