//! Texts with keywords.

use crate::error::{Error, Result};
use crate::format::image::metadata::Metadata;

/// A text with its keyword (`tEXt`, `iTXt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// What the text is, in English, such as "Title".
    pub keyword: &'a str,
    /// The language of the text (RFC 3066), or nothing.
    pub language: &'a str,
    /// The keyword in that language, or nothing.
    pub translated: &'a str,
    /// The text.
    pub text: &'a str,
}

impl Metadata {
    /// Adds a text.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the keyword is empty, or a zero character is in it, in the language or in the
    /// translated keyword.
    pub fn push_text(&mut self, text: &Text<'_>) -> Result<()> {
        let names = [text.keyword, text.language, text.translated];
        if text.keyword.is_empty() || names.iter().any(|name| name.contains('\0')) || text.text.contains('\0') {
            return Err(Error::parameter("a text needs a keyword, and no zero character"));
        }
        let all = self.text.get_or_insert_default();
        for part in [text.keyword, text.language, text.translated, text.text] {
            all.extend_from_slice(part.as_bytes());
            all.push(0);
        }
        Ok(())
    }

    /// The texts. Ends early where they are damaged, as the encoder does not write them.
    pub fn texts(&self) -> impl Iterator<Item = Text<'_>> {
        let mut parts = self.text.as_deref().unwrap_or_default().split(|&byte| byte == 0).map(std::str::from_utf8);
        std::iter::from_fn(move || {
            let mut part = || parts.next()?.ok();
            let (keyword, language, translated, text) = (part()?, part()?, part()?, part()?);
            (!keyword.is_empty()).then_some(Text { keyword, language, translated, text })
        })
    }
}

/// Whether this is texts, each of four parts that end with a zero byte, the first not empty, all of them UTF-8.
pub(super) fn is_text(content: &[u8]) -> bool {
    let Some((&0, content)) = content.split_last() else { return false };
    let mut count = 0;
    for (at, part) in content.split(|&byte| byte == 0).enumerate() {
        count += 1;
        if std::str::from_utf8(part).is_err() || (at % 4 == 0 && part.is_empty()) {
            return false;
        }
    }
    count % 4 == 0
}
