//! How far long work has come enters; a line on the terminal shows it, and goes away again. Where standard error is no
//! terminal, nothing is shown.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done sooner needs no line.
const PATIENCE: Duration = Duration::from_millis(300);

/// A line that says how far it came.
pub(crate) struct Progress {
    bar: ProgressBar,
    began: Instant,
    is_quiet: bool,
}

impl Progress {
    /// Work of which nobody knows how much there is.
    pub(crate) fn endless() -> Self {
        Self::with(ProgressBar::no_length(), "{spinner} {msg}  {elapsed}")
    }

    /// Work of so many parts.
    pub(crate) fn of(parts: u64) -> Self {
        Self::with(ProgressBar::new(parts), "{wide_bar} {pos}/{len} {msg}  {eta}")
    }

    /// Work that says nothing before its end: a line that moves by itself.
    pub(crate) fn waiting(message: &'static str) -> Self {
        let progress = Self::endless();
        progress.bar.set_message(message);
        progress.bar.set_draw_target(ProgressDrawTarget::stderr());
        progress.bar.enable_steady_tick(PATIENCE);
        progress
    }

    fn with(bar: ProgressBar, template: &str) -> Self {
        // Indicatif draws nothing where standard error is no terminal.
        bar.set_draw_target(ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, began: Instant::now(), is_quiet: false }
    }

    /// So many parts are done, and what is to be said of them.
    pub(crate) fn at(&self, parts: u64, message: impl FnOnce() -> String) {
        if self.is_quiet || self.began.elapsed() < PATIENCE {
            return;
        }
        self.bar.set_position(parts);
        self.bar.set_message(message());
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.tick();
        }
    }
}

impl Progress {
    /// Shows nothing in that case: where the answer itself runs over the terminal, who waits sees how far it is.
    pub(crate) fn unless(mut self, is_quiet: bool) -> Self {
        self.is_quiet = is_quiet;
        self
    }

    /// Writes to the same terminal meanwhile.
    pub(crate) fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
