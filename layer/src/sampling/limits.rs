//! How much a program lets one span bring along, one setting after the other. The joiner goes by it, which counts what
//! there is below each span.

/// How much one span may bring along, and how many may be open.
///
/// What is left out is counted, in [`Health::limited`](crate::Health::limited), and at the end of the span whose limit
/// it was in `left_out` of its event.
///
/// | limit | unless set |
/// |---|---|
/// | [`events_per_span`](Self::events_per_span) | 1,000 |
/// | [`children_per_span`](Self::children_per_span) | 10,000 |
/// | [`fields_per_span`](Self::fields_per_span) | 128 |
/// | [`open_spans`](Self::open_spans) | 65,536 |
///
/// ```
/// use tense_layer::{Limits, builder};
///
/// let builder = builder().limits(Limits::new().events_per_span(200).children_per_span(1_000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// What is `None` nobody has said anything about.
    pub(crate) events_per_span: Option<u32>,
    pub(crate) children_per_span: Option<u32>,
    pub(crate) fields_per_span: Option<u32>,
    pub(crate) open_spans: Option<usize>,
}

impl Limits {
    /// As they are where nothing is said.
    ///
    /// ```
    /// let limits = tense_layer::Limits::new().events_per_span(200).open_spans(10_000);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// How many moments and log lines of one span are kept, those right below it. The first ones are.
    ///
    /// ```
    /// let limits = tense_layer::Limits::new().events_per_span(100);
    /// ```
    pub fn events_per_span(mut self, events: u32) -> Self {
        self.events_per_span = Some(events);
        self
    }

    /// How many spans right below one span are kept, each with all that is below it. The first ones are.
    ///
    /// ```
    /// let limits = tense_layer::Limits::new().children_per_span(1_000);
    /// ```
    pub fn children_per_span(mut self, spans: u32) -> Self {
        self.children_per_span = Some(spans);
        self
    }

    /// How many fields an event of a span may have in its `data`, those that are handed down among them; the last ones
    /// go, and `cut` names them. A call has no more than 64 of its own.
    ///
    /// ```
    /// let limits = tense_layer::Limits::new().fields_per_span(20);
    /// ```
    pub fn fields_per_span(mut self, fields: u32) -> Self {
        self.fields_per_span = Some(fields);
        self
    }

    /// How many spans may be open at a time, at least 16. Beyond that the oldest makes room for each that begins, and
    /// is counted in [`Health::spans_given_up`](crate::Health::spans_given_up). An open span takes some 300 bytes.
    ///
    /// ```
    /// let limits = tense_layer::Limits::new().open_spans(1_000_000);
    /// ```
    pub fn open_spans(mut self, spans: usize) -> Self {
        self.open_spans = Some(spans.max(16));
        self
    }

    /// What this one says nothing about the other one says.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            events_per_span: self.events_per_span.or(other.events_per_span),
            children_per_span: self.children_per_span.or(other.children_per_span),
            fields_per_span: self.fields_per_span.or(other.fields_per_span),
            open_spans: self.open_spans.or(other.open_spans),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_first_stands_and_the_rest_comes_from_behind_it() {
        let limits = Limits::new().open_spans(1).or(Limits::new().open_spans(100).events_per_span(7));
        assert_eq!(limits, Limits::new().open_spans(16).events_per_span(7));
    }
}
