//! Every way to write a name that its layer accepts.

#![deny(warnings)]

use tense::traced;

#[traced(sql.query)]
fn two_segments() {}

#[traced(operation.context.branch_table.created)]
fn four_segments() {}

#[traced(operation.tokens.status_updated)]
fn object_and_verb() {}

#[traced(operation.tokens._)]
fn update_status() {}

#[traced(operation.jobs.rolled_back)]
fn with_particle() {}

#[traced(operation.batch.*)]
fn life_in_the_past() {}

#[traced(dispatch.batch.*)]
fn life() {}

#[traced(dispatch.token.apply)]
fn present() {}

#[traced(operation.context.snapshot, exempt(tense, reason = "a noun that readers of the stream key on"))]
fn exempt() {}

#[traced(somebody.elses.layer)]
fn undeclared_layer() {}

#[traced(operation.tokens.created,)]
fn comma_at_the_end() {}

#[traced(operation.tokens.created, fields(), tags(),)]
fn nothing_in_parentheses() {}

#[traced(
    operation.tokens.created,
    fields(
        a,
        b,
    ),
)]
fn over_several_lines(a: u8, b: u8) -> u8 {
    a + b
}

fn main() {
    two_segments();
    four_segments();
    object_and_verb();
    update_status();
    with_particle();
    life_in_the_past();
    life();
    present();
    exempt();
    undeclared_layer();
    comma_at_the_end();
    nothing_in_parentheses();
    over_several_lines(1, 2);
    tense::event!(operation.context.field_set);
    tense::event!(operation.context.field_set, path = "a.b", tags("audit"), ok = true,);
}
