//! The text chunks of a PNG file (PNG, third edition, section 11.3.3).

use std::ops::RangeInclusive;

use dualcomp::Text;

use super::Audit;
use super::png::inflate;

/// The keyword of an XMP packet.
pub(crate) const XMP: &str = "XML:com.adobe.xmp";

/// Reads a tEXt, zTXt or iTXt chunk.
pub(super) fn read(kind: [u8; 4], content: &[u8], audit: &mut Audit) {
    let has_keyword = split(content).is_some_and(|(keyword, _)| KEYWORD.contains(&keyword.len()));
    let known = match &kind {
        _ if !has_keyword => None,
        b"iTXt" => international(content, audit),
        _ => latin(kind == *b"zTXt", content, audit),
    };
    if known.is_none() {
        audit.leave_out(format!("a malformed {} chunk", kind.escape_ascii()));
    }
}

/// What a keyword may have (PNG, third edition, section 11.3.3.2): a longer one could not be written again.
const KEYWORD: RangeInclusive<usize> = 1..=79;

/// Keyword and text in Latin-1, whose bytes are the first characters of Unicode.
fn latin(compressed: bool, content: &[u8], audit: &mut Audit) -> Option<()> {
    let (keyword, rest) = split(content)?;
    let text = match compressed {
        true => match rest.split_first()? {
            (0, rest) => inflate(rest)?,
            _ => return None,
        },
        false => rest.to_vec(),
    };
    let unicode = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let (keyword, text) = (unicode(keyword), unicode(&text));
    audit.metadata.push_text(&Text { keyword: &keyword, language: "", translated: "", text: &text }).ok()
}

/// Keyword in Latin-1, whether the text is compressed, language, translated keyword and text in UTF-8.
fn international(content: &[u8], audit: &mut Audit) -> Option<()> {
    let (keyword, rest) = split(content)?;
    let [compressed @ 0..=1, method, rest @ ..] = rest else { return None };
    let (language, rest) = split(rest)?;
    let (translated, rest) = split(rest)?;
    let text = match (compressed, method) {
        (1, 0) => inflate(rest)?,
        (1, _) => return None,
        _ => rest.to_vec(),
    };
    if keyword == XMP.as_bytes() && language.is_empty() && translated.is_empty() {
        // Written back as UTF-8, so that is what it must be.
        std::str::from_utf8(&text).ok()?;
        Audit::once(&mut audit.metadata.xmp, Some(text), &mut audit.left_out, "XMP chunk");
        return Some(());
    }
    let keyword: String = keyword.iter().copied().map(char::from).collect();
    let utf8 = |bytes| std::str::from_utf8(bytes).ok();
    let text = Text { keyword: &keyword, language: utf8(language)?, translated: utf8(translated)?, text: utf8(&text)? };
    audit.metadata.push_text(&text).ok()
}

fn split(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = content.iter().position(|&byte| byte == 0)?;
    Some((&content[..end], &content[end + 1..]))
}
