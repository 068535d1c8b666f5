//! The members of fields that are lists: RFC 9110, section 5.6.1.

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

/// The members of a list-based field over all its lines. One that is not ASCII, as what is quoted may be, is left out:
/// it is none that anybody here looks for, and those beside it count.
pub(crate) fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().flat_map(members_of).filter_map(|member| std::str::from_utf8(member).ok())
}

/// The members of a line as they are. A comma in a quoted string belongs to it, unless a string has no end: then who
/// wrote the line did not mean one.
pub(crate) fn members_of(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let line = line.as_bytes();
    let mut all = Quotes::default();
    line.iter().for_each(|&byte| all.read(byte));
    let (is_whole, mut quotes) = (!all.open, Quotes::default());
    let members = line.split(move |&byte| {
        quotes.read(byte);
        byte == b',' && !(is_whole && quotes.open)
    });
    members.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// Whether what is read lies in a quoted string: RFC 9110, section 5.6.4.
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    fn read(&mut self, byte: u8) {
        let is_escaped = std::mem::take(&mut self.escaped);
        match byte {
            b'"' if !is_escaped => self.open = !self.open,
            b'\\' if !is_escaped => self.escaped = self.open,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::CACHE_CONTROL;

    use super::*;

    #[test]
    fn lines_are_split_at_commas_outside_of_strings() {
        for (line, expected) in [
            (&b"a, b ,,c"[..], &["a", "b", "c"][..]),
            (b"no-store, x=\"\xe9\", b", &["no-store", "b"]),
            (b"\xe9, no-store", &["no-store"]),
            (b"x=\"a, no-store\", b", &["x=\"a, no-store\"", "b"]),
            (b"x=\"a\\\", no-store\", b", &["x=\"a\\\", no-store\"", "b"]),
            (b"x=\"a, no-store", &["x=\"a", "no-store"]),
            (b"\\\"a, b", &["\\\"a", "b"]),
            (b"", &[]),
        ] {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_bytes(line).unwrap())]);
            assert_eq!(members(&headers, &CACHE_CONTROL).collect::<Vec<_>>(), expected);
        }
    }
}
