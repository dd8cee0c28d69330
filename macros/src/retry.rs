//! `retry(..)` and `timeout = ".."`: tokens go in; how often, how long and when come out.

use std::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitInt, LitStr, Token};

use crate::args::value;
use crate::errors;

/// `retry(when = is_transient, attempts = 3, backoff = "100ms", max_backoff = "5s")`
pub(crate) struct Retry {
    /// The word `retry`, where it was written.
    pub(crate) span: Span,
    /// Tells of an error whether to try again; what it means is the compiler's business.
    pub(crate) when: TokenStream,
    attempts: u32,
    backoff: Duration,
    max_backoff: Duration,
}

/// The longest wait where none is written.
const MAX_BACKOFF: Duration = Duration::from_secs(30);
/// More could not be recorded with each of them.
const MOST_ATTEMPTS: u32 = 1000;
/// Longer is no matter of a pipeline in memory.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

const KEYS: [&str; 4] = ["when", "attempts", "backoff", "max_backoff"];
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

impl Retry {
    /// What stands between the parentheses.
    pub(crate) fn read(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut when, mut attempts, mut backoff, mut max_backoff) = (None, None, None, None);
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let word = input.call(Ident::parse_any).map_err(|error| errors::no_argument(error.span()))?;
            let text = word.unraw().to_string();
            if seen.contains(&text) {
                return Err(errors::twice(word.span(), &text));
            }
            match text.as_str() {
                "when" => when = Some(expression(&word, input)?),
                "attempts" => attempts = Some(self::attempts(&word, input)?),
                "backoff" => backoff = Some(duration(&word, input)?),
                "max_backoff" => max_backoff = Some(duration(&word, input)?),
                _ => return Err(errors::unknown_argument(word.span(), &text, &KEYS)),
            }
            seen.push(text);
            if !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                return Err(errors::no_comma(input.span()));
            }
        }
        let (Some(when), Some(attempts)) = (when, attempts) else { return Err(errors::no_retry(key.span())) };
        let backoff = backoff.unwrap_or_default();
        let max_backoff = max_backoff.unwrap_or_else(|| MAX_BACKOFF.max(backoff));
        Ok(Self { span: key.span(), when, attempts, backoff, max_backoff })
    }

    pub(crate) fn tokens(&self, krate: &TokenStream) -> TokenStream {
        let Self { attempts, .. } = self;
        let (backoff, max_backoff) = (duration_tokens(self.backoff), duration_tokens(self.max_backoff));
        quote!(#krate::__private::Retry { attempts: #attempts, backoff: #backoff, max_backoff: #max_backoff })
    }
}

pub(crate) fn duration_tokens(duration: Duration) -> TokenStream {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_millis(#ms))
}

/// `= "100ms"`, where there is a timer.
pub(crate) fn duration(key: &Ident, input: ParseStream<'_>) -> syn::Result<Duration> {
    let word = value::<TokenTree>(key, input)?;
    let text = syn::parse_str::<LitStr>(&word.to_string()).map(|text| text.value()).unwrap_or_default();
    let found = parse(&text).filter(|found| !found.is_zero() && *found <= LONGEST);
    let found = found.ok_or_else(|| errors::no_duration(word.span()))?;
    if cfg!(feature = "tokio") { Ok(found) } else { Err(errors::no_timer(key.span(), &key.unraw().to_string())) }
}

fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, ms) = UNITS.into_iter().find(|(known, _)| *known == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(ms).map(Duration::from_millis)
}

fn attempts(key: &Ident, input: ParseStream<'_>) -> syn::Result<u32> {
    let word = value::<TokenTree>(key, input)?;
    let number = syn::parse_str::<LitInt>(&word.to_string()).and_then(|number| number.base10_parse::<u32>());
    number.ok().filter(|number| (2..=MOST_ATTEMPTS).contains(number)).ok_or_else(|| errors::no_attempts(word.span()))
}

/// `= ..` up to the next comma.
fn expression(key: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    tokens.extend([value::<TokenTree>(key, input)?]);
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, ms) in [("100ms", 100), ("5s", 5000), ("2 m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(parse(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "5", "s", "5 sec", "-1s", "1.5s", "5S", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
