//! A share for each of several names goes in, as a text or one by one from a table; the value of a setting comes out.

use super::read::{none_of, share};
use super::{SettingError, SettingKind, SettingSpec, SettingValue};
use crate::violation::short;

/// What is asked of each event is held against all of these.
const MOST_SHARES: usize = 256;

impl SettingSpec {
    /// `sql.query=0.1,log.*=0.01`
    pub(super) fn shares_in(&self, text: &str) -> Result<SettingValue, SettingError> {
        let mut shares = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, share) = part.rsplit_once('=').ok_or_else(|| self.wrong(part))?;
            shares.push(self.share_of(name.trim(), share.trim())?);
        }
        self.shares(shares)
    }

    /// The share of one name. A mistake shows both as one text, in which whoever passes it on can see what is secret.
    pub(crate) fn share_of(&self, name: &str, text: &str) -> Result<(String, f64), SettingError> {
        let name = self.name(name)?;
        let share = share(text).ok_or_else(|| {
            let written = format!("{name}={text}");
            SettingError(format!("`{}` does not end in a number from 0 to 1, such as `0.1`", short(&written)))
        })?;
        Ok((name.to_owned(), share))
    }

    /// The name, if something can be set for it. One of several words is read in any case, as everywhere.
    fn name<'a>(&self, name: &'a str) -> Result<&'a str, SettingError> {
        match &self.kind {
            SettingKind::SharesOf(names) => {
                let known = names.iter().find(|known| known.eq_ignore_ascii_case(name));
                known.copied().ok_or_else(|| none_of(name, names))
            }
            SettingKind::SharesOfEvents if !is_pattern(name) => Err(SettingError(format!(
                "`{}` is not the name of events: write `sql.query`, or `log.*` for all that begin so",
                short(name)
            ))),
            _ => Ok(name),
        }
    }

    /// All shares of a table.
    pub(crate) fn shares(&self, mut shares: Vec<(String, f64)>) -> Result<SettingValue, SettingError> {
        shares.sort_by(|(one, _), (other, _)| one.cmp(other));
        if let Some([(name, _), _]) = shares.array_windows().find(|[(one, _), (other, _)]| one == other) {
            return Err(SettingError(format!("`{}` is there twice", short(name))));
        }
        if shares.len() > MOST_SHARES {
            let sentence = format!(
                "{} names are more than {MOST_SHARES}, the most that are held against each event",
                shares.len()
            );
            return Err(SettingError(sentence));
        }
        Ok(SettingValue::Shares(shares))
    }
}

/// The type of an event, also one of a foreign span, or several by `*`: `sql.query`, `log.*`, `*`.
fn is_pattern(name: &str) -> bool {
    let is_whole = name.contains('.') || name.contains('*');
    is_whole && name.len() <= crate::name::LONGEST && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'`')
}
