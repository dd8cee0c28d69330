//! A registry that was compiled in goes in, and perhaps the name of a file that replaces its settings; these settings
//! come out.

use std::path::Path;

use tense::registry::Registry;
use tense_grammar::{Setting, SettingSpec};

use super::Settings;
use super::environment::CONFIG;
use super::told::Aside;

/// A file that cannot be read, or is of another kind, replaces nothing. Of one that has mistakes the rest holds.
///
/// Names of events, and what is secret in them, are not read from it: nobody who can only write a file may weaken that.
pub(super) fn read(registry: Option<&Registry>, config: Option<&Path>, aside: &mut Vec<Aside>) -> Settings {
    let Some(path) = config else { return compiled(registry, aside) };
    let shown = path.display();
    let unread = |what: String| Aside::whole(format!("`{CONFIG}`: {what}; what was compiled in holds"));
    match Setting::load(path) {
        Ok(Ok((set, mistakes))) => {
            aside.extend(mistakes.iter().map(|mistake| Aside::new(format!("`{CONFIG}`: {shown}: {mistake}"))));
            let mut settings = Settings::default();
            set.iter().for_each(|Setting { spec, value, .. }| settings.set(spec, value));
            return settings;
        }
        Ok(Err(mistakes)) => {
            let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
            aside.push(unread(format!("{shown}: {first}")));
        }
        Err(error) => aside.push(unread(format!("{shown} cannot be read: {error}"))),
    }
    compiled(registry, aside)
}

fn compiled(registry: Option<&Registry>, aside: &mut Vec<Aside>) -> Settings {
    let mut settings = Settings::default();
    for set in registry.map(|registry| registry.settings).unwrap_or_default() {
        // `registry!` has read them; somebody may have made one by hand.
        match SettingSpec::named(set.name).map(|spec| (spec, spec.read(set.value))) {
            Some((spec, Ok(value))) => settings.set(spec, &value),
            Some((spec, Err(error))) => aside.push(Aside::of(spec, format!("`{spec}` of the registry: {error}"))),
            None => aside.push(Aside::new(format!("`{}` of the registry is no setting", set.name))),
        }
    }
    settings
}
