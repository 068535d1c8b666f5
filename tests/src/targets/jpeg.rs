//! The syntax of JPEG files.

use dualcomp_jpeg::{Limits, Rebuild, parse, rebuild};

fn short() -> Limits {
    Limits::default().with_max_coefficient_bytes(1 << 20).with_max_file_bytes(1 << 18)
}

/// Takes files apart: what is taken apart comes back.
pub fn jpeg_file(data: &[u8]) {
    let Ok((coefficients, made)) = parse(data, &short()) else { return };
    let mut bytes = Vec::new();
    made.write_to(&mut bytes);
    let again = Rebuild::from_bytes(&bytes, &short()).expect("it was just written");
    let mut layout = again.layout(&short()).expect("the file was within the limits");
    for (component, found) in layout.components.iter_mut().zip(&coefficients.components) {
        component.coefficients.clone_from(&found.coefficients);
    }
    assert!(layout == coefficients);
    assert!(rebuild(&layout, &again, &short()).expect("it was taken apart") == data);
}

/// Makes files of any data, with coefficients that the first two bytes give.
pub fn jpeg_rebuild(data: &[u8]) {
    let [low, high, data @ ..] = data else { return };
    let Ok(made) = Rebuild::from_bytes(data, &short()) else { return };
    let Ok(mut coefficients) = made.layout(&short()) else { return };
    let value = i16::from_le_bytes([*low, *high]);
    for component in &mut coefficients.components {
        component.coefficients = vec![0; 64 * component.blocks()];
        for (place, coefficient) in component.coefficients.iter_mut().enumerate() {
            if place % 7 < 2 {
                *coefficient = value >> (place % 11);
            }
        }
    }
    if let Ok(file) = rebuild(&coefficients, &made, &short()) {
        assert_eq!(file.len() as u64, made.file_len());
    }
}
