//! Which files of a web site are worth coding, by what their names end in: a server tells their types so too.

/// How the content of a file is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As bytes.
    Bytes,
    /// As bytes in which a JPEG file is found.
    Jpeg,
}

/// Text, and what else is not compressed.
const BYTES: [&str; 40] = [
    "asm",
    "atom",
    "bmp",
    "css",
    "csv",
    "eot",
    "gltf",
    "glb",
    "geojson",
    "htm",
    "html",
    "ico",
    "ics",
    "ipynb",
    "js",
    "json",
    "jsonld",
    "jsx",
    "log",
    "map",
    "markdown",
    "md",
    "mjs",
    "ndjson",
    "otf",
    "rss",
    "rtf",
    "sql",
    "srt",
    "svg",
    "toml",
    "ts",
    "tsv",
    "ttf",
    "txt",
    "vtt",
    "wasm",
    "webmanifest",
    "xml",
    "yaml",
];

/// How to code a file; not at all where it is compressed already, or nothing is known of it.
pub(super) fn form_of(name: &str) -> Option<Form> {
    let (_, end) = name.rsplit_once('.')?;
    let end = end.to_ascii_lowercase();
    match end.as_str() {
        "jpg" | "jpeg" | "jfif" => Some(Form::Jpeg),
        "yml" | "xhtml" | "xsl" | "xslt" => Some(Form::Bytes),
        end => BYTES.contains(&end).then_some(Form::Bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for (name, form) in [
            ("index.html", Some(Form::Bytes)),
            ("APP.MIN.JS", Some(Form::Bytes)),
            ("photo.JPG", Some(Form::Jpeg)),
            ("photo.png", None),
            ("font.woff2", None),
            ("html", None),
            ("archive.tar.gz", None),
        ] {
            assert_eq!(form_of(name), form, "{name}");
        }
    }
}
