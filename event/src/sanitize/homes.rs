//! Takes a text with paths in it; in what leaves, home directories are `~` and the user's name is gone.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::{Regex, RegexBuilder};

use super::made::Made;

/// The first group is what stands before the path and stays. A Windows name may hold spaces when the path goes on
/// behind it.
const PATTERN: &str = r#"(^|[^A-Za-z0-9_.~])(?:/(?:var/)?home/[^/\x00-\x20:"'`\\,;)\]}<>|]+|/Users/[^/\x00-\x20:"'`\\,;)\]}<>|]+|/(?:root)(/)|[A-Za-z]:[\\/]{1,2}(?i-u:users|documents and settings)[\\/]{1,2}(?:[^\\/:"'<>|\x00-\x1f]{1,64}([\\/])|[^\\/:"'<>|\x00-\x20]+))"#;

static HOMES: Made<Option<Regex>> =
    Made::by(|| RegexBuilder::new(PATTERN).size_limit(4 << 20).dfa_size_limit(1 << 20).build().ok());

static HINTS: Made<Option<AhoCorasick>> = Made::by(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(["home/", "users", "root/", "settings"])
        .ok()
});

/// The text without home directories; `None` when there was none.
pub(super) fn redact(text: &str) -> Option<String> {
    // Every home path has one of these in it; most texts have neither, and looking is cheaper than matching.
    let may_be = text.contains(['/', '\\']) && HINTS.as_ref().is_none_or(|hints| hints.is_match(text));
    if !may_be {
        return None;
    }
    let Some(homes) = HOMES.as_ref() else { return Some(super::MARKER.to_owned()) };
    match homes.replace_all(text, "$1~$2$3") {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(text) => Some(text),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn home_directories_become_a_tilde() {
        for (path, expected) in [
            ("/home/jane/app/src/main.rs:3", "~/app/src/main.rs:3"),
            ("at file:///home/jane/app", "at file://~/app"),
            ("cannot open '/home/jane'", "cannot open '~'"),
            ("/home/jane/home/x/y", "~/home/x/y"),
            ("/Users/jane/app:1, /Users/joe/b", "~/app:1, ~/b"),
            (concat!("/", "root/.ssh/known_hosts"), "~/.ssh/known_hosts"),
            (r"C:\Users\Jane Doe\app\main.rs", r"~\app\main.rs"),
            (r"open C:\\Users\\jane\\x failed", r"open ~\\x failed"),
            ("C:/Users/jane", "~"),
        ] {
            assert_eq!(super::redact(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn other_paths_stay() {
        for path in ["src/main.rs:3", "/rootfs/x", "/srv/app/users/3", "~/app/x", "a/home", "/opt/homebrew/bin", "1/2"]
        {
            assert_eq!(super::redact(path), None, "{path}");
        }
    }
}
