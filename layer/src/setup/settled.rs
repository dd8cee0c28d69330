//! What the code says goes in; what holds, once the environment and the file have had their say, comes out, also that
//! nothing is to be recorded.

use std::sync::Arc;

use tense_grammar::SettingSpec;
use tracing_core::Subscriber;
use tracing_subscriber::layer::{Filter, Layer as _};
use tracing_subscriber::registry::LookupSpan;

use super::{Builder, Layer};
use crate::delivery::Delivery;
use crate::filter::OwnFilter;
use crate::foreign::Recorder;
use crate::mark::Mark;
use crate::settings::{self, Environment, Settings, Settled};
use crate::watch::{Watch, Watched};

/// The file where nobody names one.
pub(super) const DATABASE: &str = SettingSpec::at("recording", "database").unless_set;

impl<F> Builder<F> {
    /// With the environment before what was said in code, and the file behind it.
    pub(super) fn settled(mut self, environment: &Environment) -> Self {
        // Whether there is a database the code says; where it is, others may.
        let has_database = self.has_database();
        let Settled { settings, of_environment } = settings::settle(self.said(), self.registry, environment);
        // A name is that of one sink.
        let for_one = |own: Delivery| Delivery {
            name: own.name.clone(),
            ..of_environment.clone().or(own).or(settings.delivery.clone())
        };
        for (_, own) in &mut self.sinks {
            *own = own.take().map(for_one);
        }
        Self {
            enabled: settings.enabled,
            max_level: settings.level,
            service: settings.service,
            database: if has_database { settings.database.or_else(|| Some(DATABASE.into())) } else { None },
            ring_bytes: settings.ring_bytes,
            sampling: settings.sampling,
            limits: settings.limits,
            delivery: settings.delivery,
            slow_from: settings.watched.slow_from,
            watch: self.watch.map(|watch| Watch { watched: settings.watched, ..watch }),
            ..self
        }
    }

    /// What the code says.
    pub(crate) fn said(&self) -> Settings {
        Settings {
            enabled: self.enabled,
            level: self.max_level,
            service: self.service.clone(),
            database: self.database.clone(),
            ring_bytes: self.ring_bytes,
            sampling: self.sampling.clone(),
            limits: self.limits.clone(),
            delivery: self.delivery.clone(),
            watched: Watched {
                slow_from: self.slow_from,
                ..self.watch.as_ref().map_or_else(Watched::default, |watch| watch.watched.clone())
            },
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.enabled == Some(false)
    }

    /// A layer that wants nothing.
    pub(super) fn switched_off<S>(self) -> Layer<S, F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        F: Filter<S> + 'static,
    {
        self.prepare_others();
        let mark = Mark::without_number();
        Recorder::new(Arc::clone(&mark), None, false).with_filter(OwnFilter::new(mark, self.filter))
    }

    /// What the layers of others see of our spans does not depend on ours.
    pub(super) fn prepare_others(&self) {
        if self.error_texts {
            tense::__private::layer::show_error_texts(true);
        }
    }
}
