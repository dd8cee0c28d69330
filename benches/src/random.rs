//! A seed enters; the same secrets and words leave each time.

/// splitmix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same row.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any number below that bound, or 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound.max(1) as u64) as usize
    }

    /// Any one of those.
    pub fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// So many characters of an alphabet, with a digit among them where it has one, from a letter or digit to a letter
    /// or digit.
    pub fn run(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let digit = alphabet.chars().any(|c| c.is_ascii_digit()) && length > 3;
        loop {
            let run: String = (0..length).map(|_| letters[self.below(letters.len())]).collect();
            let ends = run.starts_with(char::is_alphanumeric) && run.ends_with(char::is_alphanumeric);
            if ends && (!digit || run.contains(|c: char| c.is_ascii_digit())) {
                return run;
            }
        }
    }

    /// A text made by a template: `{A36}` are 36 letters or digits, `{H32}` hex digits, and so on (`alphabet`); a `|`
    /// is nothing, and stands where the source would look like a live credential without it. With it comes the longest
    /// part that was made up.
    pub fn fill(&mut self, template: &str) -> (String, String) {
        let (mut text, mut longest) = (String::new(), String::new());
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            text.push_str(&rest[..open].replace('|', ""));
            let close = rest[open..].find('}').map_or(rest.len() - 1, |close| open + close);
            let (class, length) = rest[open + 1..close].split_at(1);
            let run = self.run(alphabet(class), length.parse().unwrap_or(8));
            if run.len() > longest.len() {
                longest.clone_from(&run);
            }
            text.push_str(&run);
            rest = &rest[close + 1..];
        }
        text.push_str(&rest.replace('|', ""));
        (text, longest)
    }
}

fn alphabet(class: &str) -> &'static str {
    match class {
        "D" => "0123456789",
        "H" => "0123456789abcdef",
        "L" => "abcdefghijklmnopqrstuvwxyz",
        "M" => "abcdefghijklmnopqrstuvwxyz0123456789",
        "X" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "B" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "U" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        _ => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    }
}

/// With `=` at its end where it is needed.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for nth in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * nth) & 63) as usize] as char;
            out.push(if nth <= chunk.len() { letter } else { '=' });
        }
    }
    out
}
