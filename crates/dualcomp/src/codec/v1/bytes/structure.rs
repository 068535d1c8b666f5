//! Structure of text, for contexts of the second group: brackets, fields, the shape of words.

use dualcomp_entropy::hash;

/// State of brackets, fields and shapes (docs/spec/bytes.md, section 6).
#[derive(Clone, Copy, Default)]
pub(crate) struct Structure {
    /// Classes of the last ten bytes, three bits each.
    pub(crate) shape: u32,
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
        self.shape = self.shape << 3 | CLASSES[usize::from(byte)] as u32;
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

/// Classes of bytes: small letters and all above ASCII, capitals, digits, space, ends of lines, marks of sentences,
/// marks of markup, others.
static CLASSES: [u8; 256] = {
    let mut classes = [7; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | 0x80.. => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b' ' => 3,
            b'\n' | b'\r' => 4,
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'-' | b'_' => 5,
            b'<' | b'>' | b'=' | b'"' | b'\'' | b'/' => 6,
            _ => 7,
        };
        byte += 1;
    }
    classes
};

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
        assert_eq!(after("Ab 1").shape, 0o1032);
    }
}
