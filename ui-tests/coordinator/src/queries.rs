//! Layers without a tense.

use tense::traced;

/// Everything in this file, once.
pub fn all() {
    query("x", Some(7));
    fan_in_start();
    fan_in_try_activate_result(true);
    http_request(Some(7));
}

#[traced(sql.query, fields(statement, rows))]
fn query(statement: &str, rows: Option<u64>) {}

#[traced(debug.fan_in.start)]
fn fan_in_start() {}

#[traced(debug.fan_in.try_activate_result, fields(activated))]
fn fan_in_try_activate_result(activated: bool) {}

#[traced(debug.http.request, fields(status))]
fn http_request(status: Option<u64>) {}
