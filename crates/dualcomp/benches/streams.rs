//! Streams from end to end, of data that a formula makes: a text, a picture with noise as photos have it, and a drawn
//! one. For figures on real files there is `dualcomp bench`. `cargo bench --workspace --bench streams`

use criterion::{Criterion, SamplingMode, Throughput};
use dualcomp::{
    ColorType, EncoderOptions, ImageInfo, Level, Metadata, Result, compress, decode_image, decompress, encode_image,
};

/// Bytes of text.
const TEXT: usize = 16 << 10;
const SIDE: u32 = 128;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    for level in [Level::Fast, Level::Default, Level::Max] {
        let options = EncoderOptions::default().with_level(level).with_threads(1);
        text(&mut criterion, &options)?;
        for (name, pixels) in [("photo", photo()), ("graphic", graphic())] {
            image(&mut criterion, name, &pixels, &options)?;
        }
    }
    criterion.final_summary();
    Ok(())
}

fn text(criterion: &mut Criterion, options: &EncoderOptions) -> Result<()> {
    let text = sentences();
    let stream = compress(&text, options)?;
    measure(
        criterion,
        ("text", options.level),
        text.len(),
        || compress(&text, options),
        || decompress(&stream, &Default::default()),
    );
    Ok(())
}

fn image(criterion: &mut Criterion, name: &str, pixels: &[u8], options: &EncoderOptions) -> Result<()> {
    let (info, metadata) = (ImageInfo::new(SIDE, SIDE, ColorType::Rgb8), Metadata::default());
    let stream = encode_image(pixels, &info, &metadata, options)?;
    measure(
        criterion,
        (name, options.level),
        pixels.len(),
        || encode_image(pixels, &info, &metadata, options),
        || decode_image(&stream, &Default::default()),
    );
    Ok(())
}

/// Ten runs of each: one takes a tenth of a second.
fn measure<T, U>(
    criterion: &mut Criterion,
    (name, level): (&str, Level),
    bytes: usize,
    mut encode: impl FnMut() -> T,
    mut decode: impl FnMut() -> U,
) {
    let mut group = criterion.benchmark_group(format!("{name}, {level}"));
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("encode", |bencher| bencher.iter(&mut encode));
    group.bench_function("decode", |bencher| bencher.iter(&mut decode));
    group.finish();
}

/// Numbers without order, from a linear congruence.
fn random() -> impl FnMut() -> u32 {
    let mut x = 1u32;
    move || {
        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        x >> 16
    }
}

/// Words of a small stock in any order.
fn sentences() -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "a", "the", "small", "network", "reads", "writes", "every", "pixel", "of", "and", "photo", "token", "in",
        "with", "coder", "range",
    ];
    let mut random = random();
    let mut text = String::new();
    while text.len() < TEXT {
        text += WORDS[random() as usize % WORDS.len()];
        text += if random().is_multiple_of(8) { ".\n" } else { " " };
    }
    text.into_bytes()
}

/// A slope with an edge and some noise.
fn photo() -> Vec<u8> {
    let mut random = random();
    picture(|x, y| {
        let light = 40 + x / 2 + y / 3 + if x * 2 > y + SIDE / 2 { 60 } else { 0 };
        [light, light * 3 / 4, light / 2].map(|sample| (sample + random() % 9) as u8)
    })
}

/// Boxes of plain colours.
fn graphic() -> Vec<u8> {
    picture(|x, y| match (x / 24 + y / 16) % 3 {
        0 => [250, 250, 250],
        1 => [20, 90, 200],
        _ => [30, 30, 30],
    })
}

fn picture(mut pixel: impl FnMut(u32, u32) -> [u8; 3]) -> Vec<u8> {
    (0..SIDE * SIDE).flat_map(|i| pixel(i % SIDE, i / SIDE)).collect()
}
