//! The header of a Netpbm file, and what follows the pixels.

use dualcomp::Text;

use super::Audit;

/// The keyword of the comments in a header.
const COMMENT: &str = "Comment";

/// Looks at the header: the kind, `P1` to `P7`, and the greatest sample.
pub(super) fn audit(file: &[u8]) -> Result<Audit, String> {
    let mut audit = Audit::default();
    let kind = file.get(1).copied().unwrap_or_default();
    let (words, header) = match kind {
        b'7' => arbitrary(file)?,
        // Width, height and, but for bitmaps, the greatest sample.
        b'1' | b'4' => numbers(file, 2)?,
        _ => numbers(file, 3)?,
    };
    let most = words.last().map(String::as_str).unwrap_or_default();
    let full = match kind {
        b'1' | b'4' => true,
        _ => matches!(most, "255" | "65535") || (kind == b'7' && most == "1"),
    };
    if !full {
        return Err(format!("its samples run to {most}, not to 255 or 65535"));
    }
    for comment in comments(&file[..header]) {
        let text: String = comment.iter().copied().map(char::from).collect();
        let text = Text { keyword: COMMENT, language: "", translated: "", text: text.trim_matches([' ', '\r']) };
        if audit.metadata.push_text(&text).is_err() {
            audit.leave_out("a comment");
        }
    }
    // Comments among the samples themselves.
    if matches!(kind, b'1'..=b'3') && file[header..].contains(&b'#') {
        audit.leave_out("the comments among its samples");
    }
    Ok(audit)
}

/// As many numbers as come after the kind, and where the header ends.
fn numbers(file: &[u8], count: usize) -> Result<(Vec<String>, usize), String> {
    let (mut words, mut word, mut comment) = (Vec::new(), String::new(), false);
    for (at, &byte) in file.iter().enumerate().skip(2) {
        match byte {
            _ if comment => comment = byte != b'\n',
            b'#' => comment = true,
            byte if byte.is_ascii_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                if words.len() == count {
                    return Ok((words, at));
                }
            }
            byte => word.push(char::from(byte)),
        }
    }
    Err(super::CUT.to_owned())
}

/// The greatest sample of a PAM file, and where its header ends.
fn arbitrary(file: &[u8]) -> Result<(Vec<String>, usize), String> {
    let mut at = 0;
    let mut most = None;
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        let line: String = line.iter().copied().map(char::from).collect();
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["ENDHDR"] => return most.map(|most| (vec![most], at)).ok_or(super::CUT.to_owned()),
            ["MAXVAL", value] => most = Some(value.to_owned()),
            [
                "TUPLTYPE",
                "BLACKANDWHITE" | "GRAYSCALE" | "RGB" | "BLACKANDWHITE_ALPHA" | "GRAYSCALE_ALPHA" | "RGB_ALPHA",
            ] => {}
            ["TUPLTYPE", ..] => return Err("what its samples mean is unknown".to_owned()),
            _ => {}
        }
    }
    Err(super::CUT.to_owned())
}

fn comments(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    header.split(|&byte| byte == b'\n').filter_map(|line| {
        let start = line.iter().position(|&byte| byte == b'#')?;
        Some(&line[start + 1..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_kept() {
        for file in
            [&b"P5\n# by hand\n2 1\n# of two\n255\nab"[..], b"P7\n# by hand\nWIDTH 2\n# of two\nMAXVAL 255\nENDHDR\n"]
        {
            let audit = audit(file).unwrap();
            let texts: Vec<_> = audit.metadata.texts().map(|text| text.text.to_owned()).collect();
            assert_eq!(texts, ["by hand", "of two"]);
            assert!(audit.left_out.is_empty());
        }
        assert_eq!(audit(b"P2 1 1 255\n7 # seven\n").unwrap().left_out.len(), 1);
        assert!(audit(b"P6 1 1 255 #!!").unwrap().left_out.is_empty(), "a pixel, no comment");
    }

    #[test]
    fn only_full_ranges_are_taken() {
        for (file, good) in [
            (&b"P5 2 1 100 ab"[..], false),
            (b"P5 2 1 1 ab", false),
            (b"P5 2 1 65535 abcd", true),
            (b"P4 8 1 a", true),
            (b"P7\nMAXVAL 1\nENDHDR\n", true),
            (b"P7\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\n", false),
            (b"P7\nMAXVAL 255\n", false),
            (b"P5 2 1", false),
        ] {
            assert_eq!(audit(file).is_ok(), good, "{}", file.escape_ascii());
        }
    }
}
