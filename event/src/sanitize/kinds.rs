//! A byte enters; what kind of character it is leaves, as one bit, so that a class of characters is a mask.

/// Kinds of characters, or a set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(u16);

impl Class {
    pub(super) const DIGIT: Self = Self(1);
    const LOWER_HEX: Self = Self(1 << 1);
    const UPPER_HEX: Self = Self(1 << 2);
    const LOWER_REST: Self = Self(1 << 3);
    const UPPER_REST: Self = Self(1 << 4);
    const UNDERSCORE: Self = Self(1 << 5);
    pub(super) const DASH: Self = Self(1 << 6);
    pub(super) const DOT: Self = Self(1 << 7);
    /// `+` and `/`.
    const BASE: Self = Self(1 << 8);
    const EQUALS: Self = Self(1 << 9);
    /// `~`, `$`.
    pub(super) const ODD: Self = Self(1 << 10);
    /// What splits a text without being seen, or may: control characters but tab and line breaks, and all beyond ASCII.
    pub(super) const VEILED: Self = Self(1 << 11);
    /// What separates a key from its value: `:`, and `>` and `,` in some notations.
    const SEPARATOR: Self = Self(1 << 12);
    const PERCENT: Self = Self(1 << 13);
    pub(super) const AT: Self = Self(1 << 14);
    /// Quotes, backslashes, and what opens a tag or an entity.
    pub(super) const QUOTE: Self = Self(1 << 15);

    pub(super) const HEX: Self = Self::DIGIT.and(Self::LOWER_HEX);
    pub(super) const ANY_HEX: Self = Self::HEX.and(Self::UPPER_HEX);
    pub(super) const HEX_DASH: Self = Self::HEX.and(Self::DASH);
    pub(super) const LOWER: Self = Self::HEX.and(Self::LOWER_REST);
    pub(super) const UPPER: Self = Self::DIGIT.and(Self::UPPER_HEX).and(Self::UPPER_REST);
    pub(super) const CAPITAL: Self = Self::UPPER_HEX.and(Self::UPPER_REST);
    pub(super) const ALNUM: Self = Self::LOWER.and(Self::UPPER);
    pub(super) const WORD: Self = Self::ALNUM.and(Self::UNDERSCORE);
    pub(super) const DASHED: Self = Self::ALNUM.and(Self::DASH);
    pub(super) const URL64: Self = Self::WORD.and(Self::DASH);
    pub(super) const DOTTED: Self = Self::URL64.and(Self::DOT);
    pub(super) const BASE64: Self = Self::ALNUM.and(Self::BASE).and(Self::EQUALS);
    pub(super) const PATH: Self = Self::URL64.and(Self::BASE);
    /// Everything that a token may be made of.
    pub(super) const TOKEN: Self = Self::DOTTED.and(Self::BASE).and(Self::EQUALS).and(Self::ODD);
    /// What may make a key of what stands before it.
    pub(super) const PAIRS: Self = Self::EQUALS.and(Self::SEPARATOR).and(Self::PERCENT);

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether this set and the other have a kind in common.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether everything in this set is in the other.
    pub(super) const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) const fn has(self, byte: u8) -> bool {
        self.0 & of(byte).0 != 0
    }

    pub(super) const NONE: Self = Self(0);
}

/// The kind of a byte.
pub(super) const fn of(byte: u8) -> Class {
    Class(KINDS[byte as usize])
}

const KINDS: [u16; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => Class::DIGIT,
            b'a'..=b'f' => Class::LOWER_HEX,
            b'A'..=b'F' => Class::UPPER_HEX,
            b'g'..=b'z' => Class::LOWER_REST,
            b'G'..=b'Z' => Class::UPPER_REST,
            b'_' => Class::UNDERSCORE,
            b'-' => Class::DASH,
            b'.' => Class::DOT,
            b'+' | b'/' => Class::BASE,
            b'=' => Class::EQUALS,
            b'~' | b'$' => Class::ODD,
            b':' | b'>' | b',' => Class::SEPARATOR,
            b'%' => Class::PERCENT,
            b'@' => Class::AT,
            b'"' | b'\'' | b'`' | b'\\' | b'<' | b'&' => Class::QUOTE,
            b'\t' | b'\n' | b'\r' => Class::NONE,
            0..=0x1f | 0x7f..=0xff => Class::VEILED,
            _ => Class::NONE,
        }
        .0;
        byte += 1;
    }
    kinds
};

/// What a text has in it, found out in one look at each byte: most texts have nothing that any rule begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signs {
    all: Class,
    /// Whether a word is as long as the shortest token, and not only an id of hex digits.
    long: bool,
    /// Whether there are as many digits as a card has, with nothing between them but what may stand there.
    many_digits: bool,
    /// Whether there is `--`, or a flag of one letter.
    dashes: bool,
    plus: bool,
}

/// The shortest word that may be a token by itself.
const SHORTEST: u32 = 6;
/// Digits of the shortest card.
const CARD_DIGITS: usize = 13;

/// What a word needs that may be a token by itself, or a digit of a card, or a dash or plus sign before something.
const TELLING: Class =
    Class::DIGIT.and(Class::CAPITAL).and(Class::EQUALS).and(Class::ODD).and(Class::DASH).and(Class::BASE);

impl Signs {
    pub(super) fn of(text: &str) -> Self {
        let all = Class(kinds_of(text.as_bytes()));
        if !all.meets(TELLING) {
            return Self { all, long: false, many_digits: false, dashes: false, plus: false };
        }
        // An id: all of it is one word, and that is no token.
        if all.is_within(Class::HEX_DASH) {
            return Self {
                all,
                long: false,
                many_digits: has_many_digits(text),
                dashes: has_dashes(text),
                plus: false,
            };
        }
        Self::of_words(text, all)
    }

    fn of_words(text: &str, all: Class) -> Self {
        let (mut word, mut before, mut long, mut kinds) = (0_u32, 0_u32, false, 0_u16);
        for &byte in text.as_bytes() {
            let kind = KINDS[usize::from(byte)];
            if kind & Class::TOKEN.0 != 0 {
                word += 1;
                kinds |= kind;
            } else if word > 0 {
                long |= word >= SHORTEST && is_token_like(kinds, before);
                (before, word, kinds) = (word, 0, 0);
            }
        }
        long |= word >= SHORTEST && is_token_like(kinds, before);
        Self {
            all,
            long,
            many_digits: all.meets(Class::DIGIT) && has_many_digits(text),
            dashes: all.meets(Class::DASH) && has_dashes(text),
            plus: all.meets(Class::BASE) && text.as_bytes().contains(&b'+'),
        }
    }

    /// Whether there is nothing in it that any rule of ours begins with.
    pub(super) const fn are_none(self) -> bool {
        !(self.may_hold_values() || self.many_digits || self.may_hold_pairs() || self.may_be_veiled())
    }

    /// Whether a path may be in it.
    pub(super) const fn may_hold_paths(self) -> bool {
        self.all.meets(Class::BASE.and(Class::QUOTE))
    }

    /// Whether any value in it may be secret by its own shape.
    pub(super) const fn may_hold_values(self) -> bool {
        let marks = Class::AT.and(Class::QUOTE).and(Class::PERCENT);
        self.long || self.dashes || self.plus || self.all.meets(marks)
    }

    /// Whether there may be a telephone number.
    pub(super) const fn may_hold_phones(self) -> bool {
        self.plus
    }

    pub(super) const fn may_hold_cards(self) -> bool {
        self.many_digits
    }

    /// Whether there may be a key and its value in it.
    pub(super) const fn may_hold_pairs(self) -> bool {
        self.all.meets(Class::PAIRS)
    }

    /// Whether characters may be written as codes.
    pub(super) const fn may_be_coded(self) -> bool {
        self.all.meets(Class::QUOTE.and(Class::PERCENT))
    }

    /// Whether something in it may split a secret without being seen.
    pub(super) const fn may_be_veiled(self) -> bool {
        self.all.meets(Class::VEILED)
    }
}

/// All kinds that occur, four bytes a step.
fn kinds_of(bytes: &[u8]) -> u16 {
    let kind = |byte: &u8| KINDS[usize::from(*byte)];
    let (fours, rest) = bytes.as_chunks::<4>();
    let all = fours.iter().fold(0, |all, [a, b, c, d]| all | kind(a) | kind(b) | kind(c) | kind(d));
    rest.iter().fold(all, |all, byte| all | kind(byte))
}

/// Whether there are enough digits for a card, with nothing between them but blanks, dashes and plus signs.
fn has_many_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let stays = |byte: &u8| matches!(byte, b'0'..=b'9' | b' ' | b'-' | b'+');
    let mut from = 0;
    // In each piece that is long enough the last byte is looked at first: behind one that is between two cards the next
    // piece begins, so that of an id only some bytes are looked at.
    while let Some(piece) = bytes.get(from..from + CARD_DIGITS) {
        if let Some(at) = piece.iter().rposition(|byte| !stays(byte)) {
            from += at + 1;
            continue;
        }
        let run = bytes[from..].iter().take_while(|byte| stays(byte));
        let (mut length, mut digits) = (0, 0);
        for byte in run {
            length += 1;
            digits += usize::from(byte.is_ascii_digit());
        }
        if digits >= CARD_DIGITS {
            return true;
        }
        from += length;
    }
    false
}

/// Whether a dash stands at the beginning, behind a blank, or behind a dash.
fn has_dashes(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first() == Some(&b'-') || bytes.windows(2).any(|two| two[1] == b'-' && matches!(two[0], b' ' | b'-'))
}

/// Neither a plain word nor an id of hex digits: a token has a digit or a capital, and a letter behind `f`; unless the
/// word before it may be `bearer`, `basic` or `ssws`, by its length.
const fn is_token_like(kinds: u16, before: u32) -> bool {
    let kinds = Class(kinds);
    kinds.meets(Class::DIGIT.and(Class::CAPITAL)) && (!kinds.is_within(Class::HEX_DASH) || matches!(before, 4..=6))
        || kinds.meets(Class::EQUALS.and(Class::ODD))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same byte by byte.
    fn most_digits(text: &str) -> usize {
        let (mut digits, mut most) = (0, 0);
        for byte in text.bytes() {
            digits = match byte {
                b'0'..=b'9' => digits + 1,
                b' ' | b'-' | b'+' => digits,
                _ => 0,
            };
            most = digits.max(most);
        }
        most
    }

    #[test]
    fn an_id_has_too_few_digits_for_a_card() {
        assert!(!has_many_digits("0190163d-8694-739b-96b6-f0a7b0c1d2e3"));
        assert!(has_many_digits("41111111-1111-1111"));
        assert!(Signs::of("0190163d-8694-739b-96b6-f0a7b0c1d2e3").are_none());
        assert!(!Signs::of("0190163d-8694-7390-9666-00a7b0c1d2e3").are_none());
    }

    proptest! {
        #[test]
        fn digits_are_counted_as_far_as_they_may_belong_together(text in "[0-9a-c +.-]{0,60}") {
            prop_assert_eq!(has_many_digits(&text), most_digits(&text) >= CARD_DIGITS);
        }
    }
}
