//! Why a JPEG file has no `.dci`.

use dualcomp_jpeg::{Error, Extent, Extents, Limits, layout, parse};

/// Bytes of a file at most.
const MAX_FILE: usize = 64 << 20;

/// Says why the coefficients of a JPEG file were not coded apart. Takes as long as to find them.
pub(crate) fn why_not_coded(file: &[u8]) -> String {
    // As bounded as where they are coded.
    let limits = Limits::default().with_max_coefficient_bytes(256 << 20);
    match layout(file) {
        Err(Error::Unsupported(kind)) => return format!("its coefficients are not coded apart: {kind}"),
        Err(_) => return "its headers are damaged or not whole".to_owned(),
        Ok(_) => {}
    }
    if file.len() > MAX_FILE {
        return format!("it has more than {MAX_FILE} bytes");
    }
    let whole = Extents::new().walk(file) != Extent::NoJpeg;
    let reason = match parse(file, &limits) {
        Err(Error::LimitsExceeded) => "its coefficients take too much memory",
        Ok(_) if whole => "its coefficients take no less, as where much of a file is damaged",
        _ => "its image data is damaged, not whole or of an unusual structure",
    };
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/jpeg/");
        std::fs::read(format!("{folder}{name}.jpg")).unwrap()
    }

    #[test]
    fn reasons_tell_damage_from_kinds() {
        let file = sample("baseline");
        let scan = file.windows(2).rposition(|marker| marker == [0xFF, 0xDA]).unwrap();
        assert!(why_not_coded(&sample("arithmetic")).ends_with("not coded apart: arithmetic coding"));
        for (end, words) in [(100, "headers"), (scan, "image data"), (scan + 14, "image data"), (file.len(), "no less")]
        {
            let reason = why_not_coded(&file[..end]);
            assert!(reason.contains(words), "{end}: {reason}");
        }
        let junk = [&file[..scan], b"junk", &file[scan..]].concat();
        assert!(why_not_coded(&junk).contains("image data is damaged"));
    }
}
