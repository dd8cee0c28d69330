//! What a person typed was found: a flag, a statement, a sentence with the word password in it. The value that follows
//! goes.

use super::found::Found;
use super::keys::Secret;
use super::kinds::Class;
use super::rules::Rules;

/// How long a value may be.
const VALUE: usize = 512;
/// How far before a flag the name of its program is looked for.
const LINE: usize = 120;

/// `--db-password x`
pub(super) fn flag(found: &mut Found<'_>, rules: &Rules, at: usize, behind: usize) {
    if found.covers(at) || found.before(at) == Some(b'-') {
        return;
    }
    let end = found.run(behind, Class::DOTTED);
    let name = &found.text[behind..end];
    let separated = matches!(found.byte(end), Some(b' ' | b'='));
    if separated && rules.secret(name).is_some_and(Secret::hides_text) {
        let (start, stop) = argument(found, end + 1);
        if no_plain_word(&found.text[start..stop]) {
            found.add(start, stop);
        }
    }
}

/// An argument as a shell reads it.
fn argument(found: &Found<'_>, start: usize) -> (usize, usize) {
    let reach = &found.bytes[start..];
    let quoted = |quote: u8, skip: usize| {
        let length = reach[skip..].iter().take(VALUE).position(|byte| *byte == quote || *byte < b' ');
        (start + skip, length.map_or(found.text.floor_char_boundary(start + skip + VALUE), |end| start + skip + end))
    };
    match reach {
        [quote @ (b'"' | b'\''), ..] => quoted(*quote, 1),
        _ => {
            let length = reach.iter().take(VALUE).take_while(|b| **b > b' ' && !matches!(**b, b'"' | b'\'')).count();
            (start, found.text.floor_char_boundary(start + length))
        }
    }
}

fn no_plain_word(text: &str) -> bool {
    !text.is_empty()
        && !text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b',' | b':'))
        && !text.starts_with("--")
}

/// `PASSWORD 'x'`, `the password is "x"`, and in a `.netrc` `login u password x`.
pub(super) fn spoken(found: &mut Found<'_>, behind: usize) {
    if found.covers(behind) {
        return;
    }
    let rest = &found.text[behind..];
    if !rest.starts_with([' ', '\t']) {
        return;
    }
    let mut value = rest.trim_start_matches([' ', '\t']);
    for word in ["is ", "IS ", "for ", "FOR "] {
        if let Some(more) = value.strip_prefix(word) {
            value = more.trim_start();
            if word.eq_ignore_ascii_case("for ") {
                // `SET PASSWORD FOR 'u'@'h' = 'x'`
                let near = &value[..value.floor_char_boundary(LINE)];
                match near.find("= ") {
                    Some(at) => value = &value[at + 2..],
                    None => return,
                }
            }
        }
    }
    let start = found.text.len() - value.len();
    if value.starts_with(['"', '\'']) {
        let (start, stop) = argument(found, start);
        // `the password is 'soon`: a quote that nobody closes is none.
        if matches!(found.byte(stop), Some(b'"' | b'\'')) && !found.text[start..stop].trim().is_empty() {
            found.add(start, stop);
        }
    } else if is_behind_login(&found.text[..behind]) {
        let (start, stop) = argument(found, start);
        found.add(start, stop);
    }
}

/// Whether `login <name> password` ends here.
fn is_behind_login(before: &str) -> bool {
    let mut words = before[before.ceil_char_boundary(before.len().saturating_sub(LINE))..].split_whitespace().rev();
    words.next() == Some("password") && words.nth(1) == Some("login")
}

/// `IDENTIFIED BY 'x'`, `IDENTIFIED WITH plugin BY 'x'`
pub(super) fn identified(found: &mut Found<'_>, behind: usize) {
    let near = &found.text[behind..found.text.floor_char_boundary(behind + 64)];
    let Some(by) = near.to_ascii_lowercase().find(" by ") else { return };
    let mut start = behind + by + 4;
    let rest = &found.text[start..];
    start += rest.len() - rest.trim_start().len();
    for word in ["PASSWORD ", "password "] {
        start += if found.text[start..].starts_with(word) { word.len() } else { 0 };
    }
    let (start, stop) = argument(found, start);
    let stop = stop - usize::from(found.text[start..stop].ends_with(';'));
    if !found.covers(start) {
        found.add(start, stop);
    }
}

/// Programs and the flags of theirs that take a secret; with `:`, what stands behind it in the argument.
const PROGRAMS: &[(&str, u8, bool)] = &[
    ("curl", b'u', true),
    ("docker", b'p', false),
    ("helm", b'p', false),
    ("http", b'a', true),
    ("mariadb", b'p', false),
    ("mysql", b'p', false),
    ("mysqldump", b'p', false),
    ("podman", b'p', false),
    ("redis-cli", b'a', false),
    ("sshpass", b'p', false),
    ("wget", b'u', true),
];

/// `curl -u user:password`, `mysql -ppassword`: a flag of one letter, which means something else to most programs.
pub(super) fn short(found: &mut Found<'_>, at: usize, behind: usize, letter: u8) {
    if found.covers(at) {
        return;
    }
    let line = &found.text[found.text.ceil_char_boundary(at.saturating_sub(LINE))..at];
    let line = line.rsplit('\n').next().unwrap_or_default();
    let programs = PROGRAMS.iter().filter(|(_, takes, _)| *takes == letter);
    let Some((program, _, pair)) = programs.into_iter().find(|(program, ..)| is_called(line, program)) else { return };
    // `docker run -p 80:80` opens a port.
    if *program == "docker" && !line.contains("login") || *program == "podman" && !line.contains("login") {
        return;
    }
    let blank = usize::from(matches!(found.byte(behind), Some(b' ' | b'=')));
    // `mysql -p` asks for it, and then comes the database.
    if blank == 1 && (program.starts_with("my") || *program == "mariadb") {
        return;
    }
    let (start, stop) = argument(found, behind + blank);
    if *pair {
        let Some(colon) = found.text[start..stop].find(':') else { return };
        found.add(start + colon + 1, stop);
    } else if !found.text[start..stop].starts_with('-') {
        found.add(start, stop);
    }
}

fn is_called(line: &str, program: &str) -> bool {
    line.split([' ', '/', '(', '"', '`', '\'', '$']).any(|word| word == program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_sorted() {
        assert!(PROGRAMS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
