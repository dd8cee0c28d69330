//! The sample goes in; its text without marks, and where what is to be asked, come out.

/// What is asked at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Whether `left` and `spend` are offered.
    Completion,
    /// Whether it leads to its `let`.
    Local,
    /// Whether it leads to the method.
    Method,
    /// Whether its type is shown.
    Hover,
}

impl Ask {
    pub(super) const ALL: [Self; 4] = [Self::Completion, Self::Local, Self::Method, Self::Hover];

    fn of(mark: char) -> Option<Self> {
        Some(match mark {
            'c' => Self::Completion,
            'l' => Self::Local,
            'm' => Self::Method,
            'h' => Self::Hover,
            _ => return None,
        })
    }
}

/// A question, with the line and the column where it is asked, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) ask: Ask,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Code of one kind.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) questions: Vec<Question>,
}

/// What a person has open.
pub(super) struct Sample {
    pub(super) text: String,
    pub(super) cases: Vec<Case>,
}

impl Sample {
    /// Takes out the marks. All of it is ASCII, so a column is one whatever an editor counts in.
    pub(super) fn read(marked: &str) -> Self {
        let (mut text, mut cases) = (String::new(), Vec::<Case>::new());
        for (line, written) in marked.lines().enumerate() {
            if let Some(name) = written.strip_prefix("//= ") {
                cases.push(Case { name: name.to_owned(), questions: Vec::new() });
            }
            let mut column = 0;
            let mut letters = written.chars().peekable();
            while let Some(letter) = letters.next() {
                let ask = letters.peek().copied().filter(|_| letter == '@').and_then(Ask::of);
                match (ask, cases.last_mut()) {
                    (Some(ask), Some(case)) => {
                        letters.next();
                        case.questions.push(Question { ask, line, column });
                    }
                    _ => {
                        text.push(letter);
                        column += 1;
                    }
                }
            }
            text.push('\n');
        }
        Self { text, cases }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_places() {
        let sample = Sample::read("a @c\n//= one\nlet b = c.@mspend(@h1);\n//= two\n@lx");
        assert_eq!(sample.text, "a @c\n//= one\nlet b = c.spend(1);\n//= two\nx\n");
        let asked: Vec<_> = sample.cases.iter().map(|case| (case.name.as_str(), case.questions.len())).collect();
        assert_eq!(asked, [("one", 2), ("two", 1)]);
        assert_eq!(sample.cases[0].questions[1], Question { ask: Ask::Hover, line: 2, column: 16 });
    }

    #[test]
    fn every_case_of_the_sample_asks_everything_once() {
        for case in Sample::read(include_str!("sample.txt")).cases {
            for ask in Ask::ALL {
                let asked = case.questions.iter().filter(|question| question.ask == ask).count();
                assert_eq!(asked, 1, "{}: {ask:?}", case.name);
            }
        }
    }
}
