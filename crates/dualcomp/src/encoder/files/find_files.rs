//! Files inside the bytes that come that have a coder of their own: JPEG files and deflate streams.

use crate::encoder::files::extent::{FileKind, Found as Extent, Walk, begins};

/// The longest file that is gathered.
const MAX_FILE: usize = 64 << 20;
/// What a [`Finder`] may do in vain whatever comes, and for each byte that comes: enough for ordinary data, in which
/// nearly every beginning of a file is one, and where JPEG files have 8 to 16 bytes of coefficients a byte
/// (experiments/0103).
const VAIN: u64 = 16 << 20;
const VAIN_PER_BYTE: u64 = 16;

/// What was done in vain, against what has come.
///
/// It is counted in bytes: those that were looked at, and of files that were tried those of coefficients, or what takes
/// as long of texts. There may be hundreds for each byte of a file, and a file may hold the beginnings of a thousand
/// others.
#[derive(Clone, Copy, Default)]
pub(crate) struct Effort {
    /// Bytes that have come.
    pub(crate) come: u64,
    pub(crate) vain: u64,
}

/// Finds files in bytes that come in pieces.
#[derive(Default)]
pub(crate) struct Finder {
    /// What may be a file or begin one.
    held: Vec<u8>,
    /// Where the file that `held` begins with may end; none if it only may begin one.
    walk: Option<Walk>,
    pub(crate) effort: Effort,
    /// Bytes before `held`, and before the end of the last file that was coded in vain.
    before: u64,
    refused: u64,
}

/// What a [`Finder`] gives out.
pub(crate) enum Found<'a> {
    /// Bytes in no file, or in one that was not taken.
    Bytes(&'a [u8]),
    /// A file. Whoever takes it says so by returning true, and counts what was done in vain.
    File(FileKind, &'a [u8], &'a mut Effort),
}

impl Finder {
    /// One that goes on with what was done before.
    pub(crate) fn with_effort(effort: Effort) -> Self {
        Self { effort, ..Self::default() }
    }

    /// Takes bytes in, and gives out what is certain; all of it if nothing follows. If `last`, a file that is cut off
    /// counts as one.
    pub(crate) fn push(&mut self, bytes: &[u8], ends: Ends, mut give: impl FnMut(Found<'_>) -> bool) {
        let mut held = std::mem::take(&mut self.held);
        self.effort.come += bytes.len() as u64;
        held.extend_from_slice(bytes);
        let mut from = 0;
        while from < held.len() {
            let rest = &held[from..];
            let Some(walk) = &mut self.walk else {
                let (start, kind) = self.start_in(rest);
                if start > 0 {
                    give(Found::Bytes(&rest[..start]));
                    from += start;
                }
                let Some(kind) = kind else { break };
                self.walk = Some(Walk::new(kind));
                continue;
            };
            let extent = match walk.walk(rest, ends == Ends::Stream) {
                Extent::Incomplete if rest.len() > MAX_FILE || ends != Ends::No => Extent::No,
                Extent::Yes { start, end } if end - start > MAX_FILE => Extent::No,
                extent => extent,
            };
            from += match extent {
                Extent::Incomplete => break,
                Extent::Yes { start, end } => {
                    if start > 0 {
                        give(Found::Bytes(&rest[..start]));
                    }
                    let (ends, spent) = (self.before + (from + end) as u64, self.effort.vain);
                    // What ends where a file did that was coded has the same scans or stream behind other headers.
                    let tries = ends != self.refused;
                    if tries && give(Found::File(walk.kind(), &rest[start..end], &mut self.effort)) {
                        end
                    } else {
                        if self.effort.vain > spent {
                            self.refused = ends;
                        }
                        self.effort.vain += walk.walked() as u64;
                        // The next file may begin inside this one.
                        give(Found::Bytes(&rest[start..=start]));
                        start + 1
                    }
                }
                Extent::No => {
                    self.effort.vain += walk.walked() as u64;
                    give(Found::Bytes(&rest[..1]));
                    1
                }
            };
            self.walk = None;
        }
        if ends != Ends::No && from < held.len() {
            give(Found::Bytes(&held[from..]));
            from = held.len();
        }
        held.drain(..from);
        self.before += from as u64;
        self.held = held;
    }

    /// Where a file may begin, the length if nowhere, and of which kind if that is certain.
    fn start_in(&self, bytes: &[u8]) -> (usize, Option<FileKind>) {
        if self.effort.vain > VAIN_PER_BYTE * self.effort.come + VAIN {
            return (bytes.len(), None);
        }
        for at in 0..bytes.len() {
            if let Some((kind, certain)) = begins(&bytes[at..]) {
                return (at, certain.then_some(kind));
            }
        }
        (bytes.len(), None)
    }
}

/// Whether a file seems to begin in these bytes, of a kind that hardly anything else begins like.
pub(crate) fn has_files(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| matches!(begins(&bytes[at..]), Some((kind, true)) if kind != FileKind::Zlib))
}

/// What follows the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// More bytes, perhaps.
    No,
    /// A flush: whatever has come must be given out.
    Flush,
    /// Nothing.
    Stream,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least file: a frame header, a scan header, and the end.
    const FILE: &[u8] = b"\xFF\xD8\xFF\xC0\0\x02\xFF\xDA\0\x02scan\xFF\xD9";

    /// What is found in bytes that come in pieces of this length: files between lines.
    fn found(bytes: &[u8], piece: usize, end: Ends, take: bool) -> Vec<u8> {
        let (mut finder, mut out) = (Finder::default(), Vec::new());
        let mut give = |found: Found<'_>| {
            match found {
                Found::Bytes(bytes) => out.extend_from_slice(bytes),
                Found::File(_, file, _) if take => out.extend([b"|", file, b"|"].concat()),
                Found::File(..) => return false,
            }
            true
        };
        for piece in bytes.chunks(piece) {
            finder.push(piece, Ends::No, &mut give);
        }
        finder.push(&[], end, &mut give);
        out
    }

    #[test]
    fn files_are_found_in_pieces() {
        let bytes = [b"a\xFF\xD8", FILE, FILE, b"b\xFF\xD8\xFFc", &FILE[..9], FILE, b"\xFF"].concat();
        for piece in 1..bytes.len() {
            assert_eq!(found(&bytes, piece, Ends::Stream, false), bytes);
            let all = found(&bytes, piece, Ends::Stream, true);
            assert_eq!(all.iter().filter(|&&byte| byte == b'|').count() % 2, 0);
            assert_eq!(all, found(&bytes, bytes.len(), Ends::Stream, true), "{piece}");
        }
        let first = [b"a\xFF\xD8|", FILE, b"||", FILE, b"|b"].concat();
        assert_eq!(found(&bytes, 7, Ends::Stream, true)[..first.len()], first);
    }

    #[test]
    fn a_file_that_is_cut_off_ends_with_the_stream_but_not_with_a_flush() {
        let cut = &FILE[..FILE.len() - 2];
        assert_eq!(found(cut, 3, Ends::Stream, true), [b"|", cut, b"|"].concat());
        assert_eq!(found(cut, 3, Ends::Flush, true), cut);
    }

    /// How many of these files are tried where each try costs so much.
    fn tried(bytes: &[u8], cost: u64) -> usize {
        let (mut finder, mut tries) = (Finder::default(), 0);
        finder.push(bytes, Ends::Stream, |found| match found {
            Found::Bytes(_) => true,
            Found::File(_, _, effort) => {
                effort.vain += cost;
                tries += 1;
                false
            }
        });
        tries
    }

    #[test]
    fn tries_in_vain_come_to_an_end() {
        let files = FILE.repeat(100);
        assert_eq!(tried(&files, 0), 100);
        assert_eq!(tried(&files, VAIN / 10), 11);
    }

    #[test]
    fn a_file_that_was_coded_is_not_coded_again_from_another_start() {
        // Each start is in what the one before takes for a segment without meaning.
        let starts: Vec<u8> = (0..50u16)
            .rev()
            .flat_map(|left| [&[0xFF, 0xD8, 0xFF, 0xE5][..], &(2 + 6 * left).to_be_bytes()].concat())
            .collect();
        let nested = [&starts, &FILE[2..]].concat();
        assert_eq!(tried(&nested, 0), 50);
        assert_eq!(tried(&nested, 1), 1);
        assert_eq!(tried(&[&nested, FILE].concat(), 1), 2);
    }
}
