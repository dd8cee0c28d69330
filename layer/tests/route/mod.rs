//! Where calls go in a process whose layer is the global one, for the test binaries that have one.

use std::time::{Duration, Instant};

use tense::__private::{MARK, Route, Site};

/// Where a call goes now. A static of its own, because a closed way is only noticed by a call.
pub(crate) fn route() -> Route {
    static SITE: Site =
        Site::action(&SITE, module_path!(), "route", "operation.probe.made", "operation.probe.make_failed", &[MARK]);
    SITE.route()
}

/// Waits until the drainer has found the global default, which it looks for at every tick.
pub(crate) fn wait_for(expected: Route) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while route() != expected {
        assert!(Instant::now() < deadline, "{:?} instead of {expected:?}", route());
        std::thread::yield_now();
    }
}
