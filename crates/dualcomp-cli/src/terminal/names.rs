//! Names of files on a terminal, to which a control character in a name must not speak.

use std::path::Path;

/// A path as text, with its control characters spelled out.
pub(crate) fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return "''".to_owned();
    }
    escaped(&path.display().to_string())
}

/// The name to show for an input.
pub(crate) fn display_name(input: &Path) -> String {
    if is_standard(input) { "standard input".to_owned() } else { shown(input) }
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Text with its control characters, and those that turn the direction of writing, spelled out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns = matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        match letter {
            _ if letter.is_control() || turns => out.extend(letter.escape_default()),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(shown(Path::new("a\x1b[31m\nb")), r"a\u{1b}[31m\nb");
        assert_eq!(shown(Path::new("\u{202E}gnp")), r"\u{202e}gnp");
        assert_eq!(shown(Path::new("größe 1.txt")), "größe 1.txt");
        assert!(is_standard(Path::new("-")) && !is_standard(Path::new("./-")));
    }
}
