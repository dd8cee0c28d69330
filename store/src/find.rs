//! What somebody knows of a span enters; the spans of a trace that are meant leave, and the way down to one.

use tense_event::{Event, SpanId, Status, TraceId};

use crate::query::Query;
use crate::{Outcome, Span, Trace};

impl Trace {
    /// The way from a root down to a span, with both. Empty when the span is of another trace.
    ///
    /// Time: linear in its depth; no recursion.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let trace = Trace::from_events(id, (1..=3).map(|n| {
    ///     let mut event = Event::new(id, SpanId::new(n).unwrap(), "operation.page.served", Status::Success, at);
    ///     event.parent_span_id = SpanId::new(n - 1);
    ///     event
    /// }));
    /// let way = trace.path_to(trace.get(SpanId::new(3).unwrap()).unwrap());
    /// assert_eq!(way.iter().map(|span| span.id.get()).collect::<Vec<_>>(), [1, 2, 3]);
    /// ```
    pub fn path_to(&self, span: &Span) -> Vec<&Span> {
        let mut way = Vec::new();
        let mut at = self.get(span.id);
        while let Some(span) = at {
            way.push(span);
            at = self.parent(span);
        }
        way.reverse();
        way
    }

    /// The spans that a query asks for, in the order in which they began. A span is asked as one event of its type: it
    /// happened when it ended, or, as long as it has not, when it began, and it is `pending` then.
    ///
    /// Time: linear in the spans, of each of which an event is made.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    /// use tense_store::query::Query;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let event = |span, status| Event::new(id, SpanId::new(span).unwrap(), "operation.page.served", status, at);
    /// let trace = Trace::from_events(id, [event(1, Status::Success), event(2, Status::Failed)]);
    /// let query = Query::new().with("type:operation.page.*".parse()?).with("status:failed".parse()?);
    /// assert_eq!(trace.find(&query).map(|span| span.id.get()).collect::<Vec<_>>(), [2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find<'t>(&'t self, query: &'t Query) -> impl DoubleEndedIterator<Item = &'t Span> {
        self.spans().iter().filter(|span| query.is_all() || query.matches(&event_of(span, self.id())))
    }

    /// The spans that somebody may mean: the one of that id; else those of that name, or of that type, in which it is
    /// written the same; else those whose name ends in these segments (`funding` is `dispatch.funding`); else those
    /// whose id ends in these digits, four at least. In the order in which they began.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let span = SpanId::new(0xb7ad_6b71_6920_3331).unwrap();
    /// let trace = Trace::from_events(id, [Event::new(id, span, "operation.page.served", Status::Success, at)]);
    /// for named in ["b7ad6b7169203331", "3331", "operation.page.served", "page.served"] {
    ///     assert_eq!(trace.named(named), [trace.get(span).unwrap()], "{named}");
    /// }
    /// assert!(trace.named("331").is_empty() && trace.named("").is_empty());
    /// ```
    pub fn named(&self, text: &str) -> Vec<&Span> {
        let digits = text.to_ascii_lowercase();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(span) = digits.parse::<SpanId>().ok().filter(|_| digits.len() == 16).and_then(|id| self.get(id)) {
            return vec![span];
        }
        let all =
            |is_meant: &dyn Fn(&Span) -> bool| self.spans().iter().filter(|span| is_meant(span)).collect::<Vec<_>>();
        let ends = |name: &str| !text.is_empty() && name.strip_suffix(text).is_some_and(|before| before.ends_with('.'));
        let by_name = all(&|span| span.name == text || span.event_type == text);
        if !by_name.is_empty() {
            return by_name;
        }
        let by_end = all(&|span| ends(&span.name) || ends(&span.event_type));
        if !by_end.is_empty() || !is_hex || digits.len() < 4 {
            return by_end;
        }
        all(&|span| span.id.to_string().ends_with(&digits))
    }

    /// Where to look first: the first cause of the failure; of a trace that goes on, the open span that began last and
    /// waits for none that is open; of one that ended well, the first cause of the first failure below that was not
    /// made good by another attempt; none where there is none of these.
    pub fn first_cause(&self) -> Option<&Span> {
        let why = self.why();
        match why.root?.outcome {
            Outcome::Open => why.open.last().copied(),
            _ if why.chain.is_empty() => Some(self.first_cause_of(why.also_failed.first()?)),
            _ => why.chain.last().map(|cause| cause.span),
        }
    }
}

/// What is known of a span, as one event.
fn event_of(span: &Span, trace: TraceId) -> Event {
    let status = match span.outcome {
        Outcome::Open => Status::Pending,
        Outcome::Success => Status::Success,
        Outcome::Failed | Outcome::Panicked | Outcome::Cancelled => Status::Failed,
    };
    let context = |wanted: &str| span.context.iter().find(|(key, _)| *key == wanted).map(|(_, value)| value.clone());
    let mut event = Event::new(trace, span.id, span.event_type.clone(), status, span.ended.unwrap_or(span.began));
    event.span_name = span.name.clone();
    event.parent_span_id = span.parent_id;
    event.duration = span.duration;
    event.service = span.service.clone();
    event.source = span.source.clone();
    event.level = span.level;
    event.data = span.data.clone();
    event.tags = span.tags().to_vec();
    event.job_id = context("job_id");
    event.worker_id = context("worker_id");
    event.machine_id = context("machine_id");
    event.user_id = context("user_id");
    event.correlation_key = context("correlation_key");
    event.error = span.error.as_deref().cloned();
    event.sample_weight = span.sample_weight;
    event
}
