//! Entries go in and out, in order and out of it, with places for them and without.

use super::*;

fn open(span: u64, layer: u8) -> Open {
    Open { trace: (1, 1), span, layer, is_real: false }
}

/// Trace and span that the usual begin finds above it.
fn below(stack: &Stack, layer: u8) -> Option<((u64, u64), u64)> {
    stack.below(layer).map(|below| (below.trace, below.parent))
}

#[test]
fn spans_left_out_of_order_do_not_come_back() {
    let stack = Stack::new();
    for span in [1, 2, 3] {
        stack.enter(open(span, 1));
    }
    stack.exit(2);
    assert_eq!(stack.top(1).map(|top| top.span), Some(3));
    stack.exit(3);
    assert_eq!(stack.top(1).map(|top| top.span), Some(1));
    stack.exit(99);
    stack.exit(1);
    assert_eq!(stack.top(1), None);
}

#[test]
fn a_layer_sees_its_own_spans_only() {
    let stack = Stack::new();
    stack.enter(open(1, 1));
    stack.enter(open(2, 2));
    assert_eq!(stack.top(1).map(|top| top.span), Some(1));
    assert_eq!(stack.top(3), None);
}

#[test]
fn an_attempt_comes_out_as_it_was_packed() {
    let attempt = Attempt { site: 0xff_ffff, number: 3, backoff_ms: 86_400_000 };
    assert_eq!(Attempt::unpacked(attempt.packed()), attempt);
    let bounded = Attempt::unpacked(Attempt { site: 1, number: 5000, backoff_ms: u64::MAX }.packed());
    assert_eq!(bounded, Attempt { site: 1, number: 4095, backoff_ms: 0xfff_ffff });
}

#[test]
fn what_is_deeper_than_there_are_places_goes_in_and_out_all_the_same() {
    let stack = Stack::new();
    for span in 1..=600 {
        stack.enter(open(span, 1));
    }
    assert_eq!((stack.top(1).map(|top| top.span), stack.entries().count()), (Some(600), 600));
    assert!(below(&stack, 1).is_none());
    // Out of order, on both sides of the bound.
    for span in [550, 3] {
        stack.exit(span);
    }
    assert_eq!(stack.take(600).map(|open| open.span), Some(600));
    assert!(stack.take(600).is_none() && stack.take(3).is_none());
    let left: Vec<u64> = stack.entries().map(|entry| entry.span).collect();
    let expected: Vec<u64> = (1..600).rev().filter(|span| ![550, 3].contains(span)).collect();
    assert_eq!(left, expected);
    for span in (1..=600).rev() {
        stack.exit(span);
    }
    assert_eq!(stack.top(1), None);
}

#[test]
fn deeper_than_a_thread_is_followed_spans_hang_under_the_last_that_fitted_and_scopes_find_room() {
    let deepest = DEEPEST as u64;
    let (stack, before) = (Stack::new(), entered_too_deep());
    for span in 1..=deepest + 3 {
        stack.enter(open(span, 1));
    }
    assert_eq!(stack.top(1).map(|top| top.span), Some(deepest));
    assert_eq!(entered_too_deep(), before + 3);
    stack.enter_scope(Open { layer: EVERY, ..Open::OFF }, 1, Hint::SILENCE);
    assert!(stack.is_silent());
    stack.exit_scope(1);
    for span in (1..=deepest + 3).rev() {
        stack.exit(span);
    }
    assert!(stack.is_empty());
}

#[test]
fn what_begins_does_not_see_a_lost_span_and_lines_do() {
    let stack = Stack::new();
    assert_eq!(stack.inside(1), Inside::Nothing);
    stack.enter_lost(open(5, 1).lost());
    assert_eq!((stack.inside(1), stack.inside(2)), (Inside::Lost, Inside::Nothing));
    // What is lost for one layer may be recorded for another, under the same id.
    stack.enter(open(5, 2));
    assert_eq!((stack.inside(1), stack.inside(2), stack.layer_of(5)), (Inside::Lost, Inside::Span, Some(2)));
    assert_eq!((stack.top(1), below(&stack, 1), stack.entries().count()), (None, None, 1));
    stack.exit_lost(5);
    assert_eq!((stack.inside(1), stack.inside(2)), (Inside::Nothing, Inside::Span));
    stack.exit_lost(5);
    assert_eq!(stack.inside(2), Inside::Span, "only what is lost is left");
    stack.exit(5);
    assert!(stack.is_empty());

    stack.enter(open(1, 1));
    stack.enter_lost(open(5, 1).lost());
    assert_eq!((stack.inside(1), below(&stack, 1)), (Inside::Span, None), "the cold way looks further");
    assert_eq!(stack.topmost().map(|top| top.span), Some(1));
    assert_eq!(stack.innermost(1).map(|top| top.span), Some(1));
    stack.exit_lost(5);
    assert_eq!(below(&stack, 1), Some(((1, 1), 1)));
    // Nothing is put there that was silenced.
    stack.enter_lost(Open::OFF);
    assert_eq!(stack.all().count(), 1);
}

#[test]
fn a_lost_span_is_hidden_by_what_is_above_it_and_hides_what_is_below() {
    let stack = Stack::new();
    stack.enter_lost(open(5, 1).lost());
    stack.enter_scope(Open { layer: EVERY, ..Open::OFF }, 1, Hint::SILENCE);
    assert_eq!((stack.inside(1), stack.silences(1), stack.is_silent()), (Inside::Nothing, true, true));
    // It has begun outside of the silence.
    stack.enter_lost(open(5, 1).lost());
    assert_eq!((stack.inside(1), stack.silences(1), stack.is_silent()), (Inside::Lost, false, false));
    assert!(stack.silences(2));
    stack.exit_lost(5);
    stack.exit_scope(1);
    stack.exit_lost(5);
    assert!(stack.is_empty());
    stack.enter_scope(Open { layer: EVERY, ..Open::OFF }, 2, Hint::NONE);
    stack.enter_scope_of_lost(1, 2);
    assert_eq!((stack.inside(1), stack.inside(2)), (Inside::Lost, Inside::Nothing));
    stack.exit_scope(2);
    assert!(stack.is_empty());
}

#[test]
fn a_lost_span_takes_none_of_the_places_that_cost_a_lock() {
    let stack = Stack::new();
    for span in 1..=600 {
        stack.enter_lost(open(span, 1).lost());
    }
    assert_eq!((stack.all().count(), stack.inside(1)), (DEPTH, Inside::Lost));
    stack.enter(open(1000, 1));
    assert_eq!(stack.inside(1), Inside::Span);
    {
        // Whoever looked for it among what is deeper would wait for this thread itself. A hundred thousand calls that
        // are lost in a recursion leave as many.
        let _deeper = stack.deep.entries();
        stack.enter_lost(open(1001, 1).lost());
        stack.exit_lost(1001);
    }
    stack.exit(1000);
    for span in (1..=600).rev() {
        stack.exit_lost(span);
    }
    assert!(stack.is_empty());
}

const ELSEWHERE: Open = Open { trace: (7, 7), span: 70, layer: EVERY, is_real: false };

#[test]
fn an_entry_for_every_layer_is_seen_by_each_and_passed_by_on_the_usual_way() {
    let stack = Stack::new();
    stack.enter(open(1, 1));
    stack.enter_scope(ELSEWHERE, 1, Hint::NONE);
    assert_eq!((below(&stack, 1), stack.top(1).map(|top| top.span)), (None, Some(70)));
    assert_eq!(stack.top(2).map(|top| top.trace), Some((7, 7)));
    stack.enter(open(2, 2));
    assert_eq!((stack.top(2).map(|top| top.span), stack.top(1).map(|top| top.span)), (Some(2), Some(70)));
    assert_eq!(stack.layer_of(70), None, "no layer records it");
    // Also from below a span that a guard has left there.
    stack.exit_scope(1);
    assert_eq!((stack.top(1).map(|top| top.span), below(&stack, 2)), (Some(1), Some(((1, 1), 2))));
    stack.exit_scope(1);
    assert_eq!(stack.entries().count(), 2);
}

#[test]
fn a_span_that_is_left_within_a_scope_below_it_takes_itself_out_and_not_the_scope() {
    let stack = Stack::new();
    stack.enter(open(70, 1));
    stack.enter_scope(ELSEWHERE, 3, Hint::NONE);
    stack.enter_scope(open(70, 1), 3, Hint::NONE);
    assert_eq!((below(&stack, 1), stack.top(1).map(|top| top.span)), (None, Some(70)));
    stack.exit(70);
    let left: Vec<_> = stack.entries().map(|entry| (entry.layer, entry.span, entry.scope)).collect();
    assert_eq!(left, [(1, 70, Some(3)), (EVERY, 70, Some(3))]);
    assert_eq!(stack.take_hint(1), Hint::NONE, "its number is no word to a span");
    assert_eq!(stack.topmost().and_then(|top| top.scope), Some(3));
    stack.exit_scope(3);
    assert_eq!(stack.entries().count(), 0);
}

#[test]
fn nothing_and_silence_hide_what_is_below_them() {
    let stack = Stack::new();
    let nothing = Open { layer: EVERY, ..Open::OFF };
    stack.enter(open(1, 1));
    stack.enter_scope(nothing, 1, Hint::NONE);
    assert_eq!((stack.top(1), stack.silences(1), stack.is_silent()), (None, false, false));
    stack.enter_scope(nothing, 2, Hint::SILENCE);
    assert_eq!((stack.top(1), stack.silences(1), stack.is_silent()), (None, true, true));
    // What has begun outside and is entered within goes on being recorded.
    stack.enter(open(2, 1));
    assert_eq!((stack.silences(1), stack.silences(2), stack.is_silent()), (false, true, false));
    stack.exit(2);
    stack.exit_scope(2);
    stack.exit_scope(1);
    assert_eq!(below(&stack, 1), Some(((1, 1), 1)));
}
