//! Structure of text, for contexts of the second group: brackets and fields.

use dualcomp_entropy::hash;

/// State of brackets and fields (docs/spec/bytes.md, section 6).
#[derive(Clone, Copy, Default)]
pub(crate) struct Structure {
    /// Hash of the letters and digits since the last opening bracket, or the closing one.
    pub(crate) opened: u32,
    /// The same, as it was at the last closing one.
    pub(crate) closed: u32,
    /// Separators since the start of the line or the last bracket.
    pub(crate) field: u32,
}

impl Structure {
    /// Takes note of a byte; `letter` is 0 for what is no letter or digit.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8, letter: u32) {
        match byte {
            b'<' | b'{' | b'[' | b'(' => (self.opened, self.field) = (hash(byte.into(), 1), 0),
            b'>' | b'}' | b']' | b')' => (self.closed, self.opened, self.field) = (self.opened, byte.into(), 0),
            b',' | b'\t' | b';' | b'|' => self.field = (self.field + 1) & 255,
            b'\n' => self.field = 0,
            // After a closing one there is no name.
            _ if letter > 0 && self.opened > 255 => self.opened = hash(self.opened, letter),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Structure {
        let mut structure = Structure::default();
        for byte in text.bytes() {
            structure.push(byte, if byte.is_ascii_alphanumeric() { u32::from(byte) } else { 0 });
        }
        structure
    }

    #[test]
    fn names_of_brackets_and_fields() {
        assert_eq!(after("<td").opened, after("x > <t d").opened);
        assert_ne!(after("<td").opened, after("<th").opened);
        assert_eq!(after("<td>12").opened, u32::from(b'>'));
        assert_eq!(after("<td>12").closed, after("a<td").opened);
        assert_eq!(after("a,b\nc,d,e").field, 2);
    }
}
