//! Values that are neither plain nor a text go in; their text comes out piece by piece, straight into a record, so that
//! even these allocate nothing on the caller's thread.

use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// As much of one value as is ever formatted, in bytes.
pub const MOST_BYTES: usize = 4096;

/// A value that knows its own text. Only types are among them whose code is not the host's, because it runs while a
/// record is written; so nobody else can implement [`Field`](crate::Field).
pub trait Shown {
    /// Writes the text. An error says that the end is missing, because there was no more room.
    fn show(&self, room: &mut Room<'_>) -> fmt::Result;
}

/// Where a text goes, as far as there is room.
pub struct Room<'a> {
    out: &'a mut dyn Write,
    left: usize,
}

impl<'a> Room<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, bytes: usize) -> Self {
        Self { out, left: bytes }
    }

    /// How many bytes there is room for.
    pub(crate) fn left(&self) -> usize {
        self.left
    }
}

impl Write for Room<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = &text[..text.floor_char_boundary(self.left)];
        self.out.write_str(fits)?;
        if fits.len() < text.len() {
            // What comes behind a gap would only mislead.
            self.left = 0;
            return Err(fmt::Error);
        }
        self.left -= fits.len();
        Ok(())
    }
}

impl fmt::Debug for Room<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("left", &self.left).finish_non_exhaustive()
    }
}

/// A value that is written piece by piece.
#[derive(Clone, Copy)]
pub enum Pieces<'a> {
    /// As a text.
    Text(&'a dyn Shown),
    /// As JSON.
    Json(&'a dyn Shown),
    /// A text that is not all UTF-8: U+FFFD stands for what is not.
    Lossy(&'a [u8]),
}

impl Pieces<'_> {
    /// Writes them. An error says that the end is missing.
    pub(crate) fn show(&self, room: &mut Room<'_>) -> fmt::Result {
        match self {
            Self::Text(value) | Self::Json(value) => value.show(room),
            Self::Lossy(bytes) => bytes.utf8_chunks().try_for_each(|chunk| {
                room.write_str(chunk.valid())?;
                if chunk.invalid().is_empty() { Ok(()) } else { room.write_char(char::REPLACEMENT_CHARACTER) }
            }),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }

    /// The text, for those who cannot take pieces, and whether its end is missing. Allocates.
    pub(crate) fn text(&self) -> (String, bool) {
        let mut text = String::new();
        let is_cut = self.show(&mut Room::new(&mut text, MOST_BYTES)).is_err();
        (text, is_cut)
    }
}

impl PartialEq for Pieces<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.is_json() == other.is_json() && self.text() == other.text()
    }
}

impl fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pieces({:?})", self.text().0)
    }
}

macro_rules! by_display {
    ($($type:ty),*) => { $(
        impl Shown for $type {
            fn show(&self, room: &mut Room<'_>) -> fmt::Result {
                write!(room, "{self}")
            }
        }
    )* };
}

by_display! { u128, i128, char, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6 }
#[cfg(feature = "uuid")]
by_display! { uuid::Uuid }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_where_the_room_does_on_a_whole_character() {
        let mut text = String::new();
        let mut room = Room::new(&mut text, 4);
        assert!(room.write_str("aää").is_err());
        assert!(room.write_str("b").is_err(), "nothing stands behind a gap");
        assert_eq!(text, "aä");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        assert_eq!(Pieces::Lossy(b"a\xffb\xc3").text(), ("a\u{fffd}b\u{fffd}".to_owned(), false));
    }
}
