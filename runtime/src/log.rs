//! `log!`: a line goes in, a point below the span that this thread is in comes out. Outside of one there is no run that
//! it could explain, and nothing is recorded: as of `info!` and its like, which the layer takes in
//! (`layer/src/foreign.rs`). In one whose begin found no room in the ring it is lost with it, and counted.

use crate::call::point_for;
use crate::real::Real;
use crate::routing;
use crate::site::{Route, Site};
use crate::stack::Inside;
use crate::thread::Local;
use crate::value::Raw;

/// Records a line. Its text is formatted only when somebody wants it.
pub fn log(site: &'static Site, values: impl FnOnce(&mut dyn FnMut(&[Raw<'_>]))) {
    match site.route() {
        Route::Off => {}
        Route::Direct => {
            let layer = routing::global_layer();
            if is_inside(layer) {
                values(&mut |values| point_for(site, layer, values));
            }
        }
        Route::Slow if Local::current().is_none_or(|local| local.stack.is_silent()) => {}
        // Whoever else listens wants it in any case.
        Route::Slow => values(&mut |values| {
            if let Some(claims) = Real::emit(site, values) {
                claims.filter(|layer| is_inside(*layer)).for_each(|layer| point_for(site, layer, values));
            }
        }),
    }
}

/// Whether this thread is in a span that the layer records. In one that it would have, the line is counted.
fn is_inside(layer: u8) -> bool {
    let Some(local) = Local::current() else { return false };
    let inside = local.stack.inside(layer);
    if inside == Inside::Lost {
        local.ring.lose_one();
    }
    inside == Inside::Span
}
