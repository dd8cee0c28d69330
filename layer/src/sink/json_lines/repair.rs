//! A file whose last line may be torn goes in; one that ends with a whole line comes out.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Longer than any line of ours.
const LONGEST: u64 = 64 * 1024;

/// How every line of ours begins.
const BEGIN: &[u8] = b"{\"schema_version\":";

/// Cuts an event off that lacks its end. Anything else that lacks a line break gets one: somebody else's text is not
/// ours to cut. Gives back how long the file is now.
pub(super) fn end(file: &mut File, len: u64) -> io::Result<u64> {
    let from = len.saturating_sub(LONGEST);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    Read::by_ref(file).take(len - from).read_to_end(&mut tail)?;
    if tail.is_empty() || tail.ends_with(b"\n") {
        return Ok(len);
    }
    let begin = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let last = &tail[begin..];
    let is_torn = (last.starts_with(BEGIN) || BEGIN.starts_with(last)) && !is_whole(last);
    if is_torn {
        let kept = from + begin as u64;
        file.set_len(kept)?;
        return Ok(kept);
    }
    file.write_all(b"\n")?;
    Ok(len + 1)
}

fn is_whole(line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(before.as_bytes()).unwrap();
        let len = end(&mut file, before.len() as u64).unwrap();
        let mut all = String::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_string(&mut all).unwrap();
        assert_eq!(all, after);
        assert_eq!(len, after.len() as u64);
    }

    #[test]
    fn an_event_without_its_end_goes_and_everything_else_stays() {
        let whole = "{\"schema_version\":1,\"trace_id\":\"a\"}";
        check("", "");
        check(&format!("{whole}\n"), &format!("{whole}\n"));
        check(&format!("{whole}\n{}", &whole[..20]), &format!("{whole}\n"));
        check(&whole[..20], "");
        check(&whole[..1], "");
        check(whole, &format!("{whole}\n"));
        check("# notes of mine", "# notes of mine\n");
        check(&format!("{whole}\nnotes"), &format!("{whole}\nnotes\n"));
        let long = "x".repeat(LONGEST as usize * 2);
        check(&long, &format!("{long}\n"));
    }
}
