//! Two trees as text go in, the expected one and the one that was found; what a person should look at comes out.

/// Says where they differ, and what that may come from.
pub(super) fn differ(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let lines: String = changes(&expected, &found).into_iter().map(|(sign, line)| format!("{sign} {line}\n")).collect();
    let hint = hint(&expected, &found).map(|hint| format!("\n{hint}\n")).unwrap_or_default();
    format!("another tree was recorded; - is expected and missing, + was recorded:\n\n{lines}{hint}")
}

/// The shortest way from one to the other, by the longest part that both have.
fn changes<'a>(expected: &[&'a str], found: &[&'a str]) -> Vec<(char, &'a str)> {
    // How many lines are the same from here to the end.
    let mut same = vec![vec![0_usize; found.len() + 1]; expected.len() + 1];
    for (i, one) in expected.iter().enumerate().rev() {
        for (j, other) in found.iter().enumerate().rev() {
            same[i][j] = if one == other { same[i + 1][j + 1] + 1 } else { same[i + 1][j].max(same[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut changes) = (0, 0, Vec::new());
    while i < expected.len() || j < found.len() {
        match (expected.get(i), found.get(j)) {
            (Some(one), Some(other)) if one == other => {
                changes.push((' ', *one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || same[i + 1][j] >= same[i][j + 1] => {
                changes.push(('-', *one));
                i += 1;
            }
            (_, Some(other)) => {
                changes.push(('+', *other));
                j += 1;
            }
            (_, None) => break,
        }
    }
    changes
}

fn hint(expected: &[&str], found: &[&str]) -> Option<&'static str> {
    let sorted = |lines: &[&str], of: fn(&str) -> &str| {
        let mut lines: Vec<String> = lines.iter().map(|line| of(line).to_owned()).collect();
        lines.sort_unstable();
        lines
    };
    let name_of: fn(&str) -> &str = |line| line.trim_start().split(' ').next().unwrap_or("");
    if found.is_empty() {
        Some(
            "nothing was recorded. A capture sees its own thread: what other threads and tasks record is seen with \
             `Capture::in_scope`, `Capture::dispatch` or `capture_global()`",
        )
    } else if sorted(expected, |line| line) == sorted(found, |line| line) {
        Some("the same events in another order: those beside one another stand in the order in which they began")
    } else if sorted(expected, str::trim_start) == sorted(found, str::trim_start) {
        Some(
            "the same events under other parents: a task or thread that was spawned begins a tree of its own unless it is given the context",
        )
    } else if sorted(expected, name_of) == sorted(found, name_of) {
        Some(
            "the same events with other fields or endings: `tree().without([..])` leaves out fields that differ from run to run",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = "a.b id=1\n  c.d\n  e.f\n";

    fn said(found: &str) -> String {
        differ(EXPECTED, found)
    }

    #[test]
    fn a_line_that_differs_is_shown_among_those_that_do_not() {
        let said = said("a.b id=1\n  c.d\n  g.h\n");
        assert!(said.ends_with("\n\n  a.b id=1\n    c.d\n-   e.f\n+   g.h\n"), "{said}");
    }

    #[test]
    fn a_line_too_many_is_one_line() {
        assert!(said("a.b id=1\n  c.d\n  c.d\n  e.f\n").contains("  a.b id=1\n    c.d\n+   c.d\n    e.f\n"));
    }

    #[test]
    fn what_it_may_come_from_is_told() {
        assert!(said("").contains("capture_global"));
        assert!(said("a.b id=1\n  e.f\n  c.d\n").contains("another order"));
        assert!(said("a.b id=1\nc.d\n  e.f\n").contains("other parents"));
        assert!(said("a.b id=2\n  c.d\n  e.f\n").contains("without"));
    }
}
