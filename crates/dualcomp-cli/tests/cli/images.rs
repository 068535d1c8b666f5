//! Image files.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Pixel};

use crate::Folder;

/// A small image with slopes and edges in every channel.
fn pattern<P: Pixel>(width: u32, height: u32, sample: fn(u32) -> P::Subpixel) -> ImageBuffer<P, Vec<P::Subpixel>>
where
    P::Subpixel: Copy,
{
    ImageBuffer::from_fn(width, height, |x, y| {
        let samples: Vec<_> = (0..u32::from(P::CHANNEL_COUNT))
            .map(|channel| sample(x * 7 + y * 11 + channel * 50 + (x / 5) * 90))
            .collect();
        *P::from_slice(&samples)
    })
}

fn narrow(value: u32) -> u8 {
    value as u8
}

fn wide(value: u32) -> u16 {
    (value * 251) as u16
}

fn every_color() -> Vec<DynamicImage> {
    vec![
        DynamicImage::ImageLuma8(pattern(13, 7, narrow)),
        DynamicImage::ImageLumaA8(pattern(5, 9, narrow)),
        DynamicImage::ImageRgb8(pattern(17, 11, narrow)),
        DynamicImage::ImageRgba8(pattern(8, 8, narrow)),
        DynamicImage::ImageLuma16(pattern(13, 3, wide)),
        DynamicImage::ImageLumaA16(pattern(4, 4, wide)),
        DynamicImage::ImageRgb16(pattern(6, 5, wide)),
        DynamicImage::ImageRgba16(pattern(3, 9, wide)),
        DynamicImage::ImageRgb8(pattern(1, 1, narrow)),
    ]
}

fn save(folder: &Folder, name: &str, image: &DynamicImage, format: ImageFormat) {
    image.save_with_format(folder.path(name), format).unwrap();
}

fn load(folder: &Folder, name: &str) -> DynamicImage {
    let data = folder.read(name);
    let reader = ImageReader::new(Cursor::new(data)).with_guessed_format().unwrap();
    reader.decode().unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_color_type_comes_back_as_png_pnm_and_pam() {
    let folder = Folder::new();
    for image in every_color() {
        save(&folder, "photo.png", &image, ImageFormat::Png);
        folder.ok("compress photo.png --force");
        folder.ok("decompress photo.dci --force");
        assert_eq!(load(&folder, "photo.png"), image, "{:?}", image.color());
        folder.ok("decompress photo.dci --force -o photo.pnm");
        assert_eq!(load(&folder, "photo.pnm"), image, "{:?}", image.color());
        folder.ok("decompress photo.dci --force -o photo.pam");
        assert!(folder.read("photo.pam").starts_with(b"P7"));
        assert_eq!(load(&folder, "photo.pam"), image, "{:?}", image.color());
    }
    assert_eq!(folder.names(), ["photo.dci", "photo.pam", "photo.png", "photo.pnm"]);
}

#[test]
fn other_formats_are_read_and_written_or_refused() {
    let folder = Folder::new();
    let image = DynamicImage::ImageRgba8(pattern(9, 6, narrow));
    for (extension, format) in [("webp", ImageFormat::WebP), ("tiff", ImageFormat::Tiff), ("bmp", ImageFormat::Bmp)] {
        // The `image` crate writes TIFF files whose fourth sample is not said to be opacity.
        save(&folder, "in", &image, if format == ImageFormat::Tiff { ImageFormat::Png } else { format });
        folder.ok("compress in -o out.dci --force");
        folder.ok(&format!("decompress out.dci -o back.{extension}"));
        let back = folder.read(&format!("back.{extension}"));
        assert_eq!(image::guess_format(&back).unwrap(), format);
        assert_eq!(load(&folder, &format!("back.{extension}")), image);
    }
    assert!(folder.fails("decompress out.dci -o back.jpg", 1).contains("written as"));
    save(&folder, "in", &DynamicImage::ImageRgb16(pattern(2, 2, wide)), ImageFormat::Png);
    folder.ok("compress in -o out.dci --force");
    assert!(folder.fails("decompress out.dci -o wide.webp", 1).contains("cannot hold"));
    assert!(!folder.path("wide.webp").exists());
}

#[test]
fn metadata_comes_back() {
    let folder = Folder::new();
    let (icc, exif) = (b"an ICC profile".to_vec(), b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\0".to_vec());
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(icc.clone()).unwrap();
    encoder.set_exif_metadata(exif.clone()).unwrap();
    encoder.write_image(&[1, 2, 3, 4], 2, 2, image::ExtendedColorType::L8).unwrap();
    let xmp = b"iTXtXML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>";
    let mut chunk = (xmp.len() as u32 - 4).to_be_bytes().to_vec();
    chunk.extend(xmp);
    chunk.extend(crc32fast::hash(xmp).to_be_bytes());
    file.splice(33..33, chunk);
    folder.write("photo.png", file);
    folder.ok("compress photo.png");
    folder.ok("decompress photo.dci -o back.png");
    let mut decoder = ImageReader::open(folder.path("back.png")).unwrap().into_decoder().unwrap();
    assert_eq!(decoder.icc_profile().unwrap(), Some(icc));
    assert_eq!(decoder.exif_metadata().unwrap(), Some(exif));
    assert_eq!(decoder.xmp_metadata().unwrap(), Some(b"<x:xmpmeta/>".to_vec()));
    let notes = folder.run("decompress photo.dci -o back.bmp");
    assert!(crate::message(&notes).contains("ICC profile and EXIF and XMP"));
}

#[test]
fn an_image_can_be_kept_as_bytes() {
    let folder = Folder::new();
    save(&folder, "photo.png", &every_color()[2], ImageFormat::Png);
    let original = folder.read("photo.png");
    folder.ok("compress --bytes photo.png");
    folder.ok("decompress photo.png.dcs -o back");
    assert_eq!(folder.read("back"), original);
}

#[test]
fn an_image_that_dci_cannot_keep_becomes_bytes() {
    let folder = Folder::new();
    save(&folder, "photo.png", &every_color()[2], ImageFormat::Png);
    let mut cut = folder.read("photo.png");
    cut.truncate(60);
    folder.write("cut.png", &cut);
    folder.write("dim.pgm", b"P5 2 1 100 ab");
    let output = folder.run("compress cut.png dim.pgm");
    assert!(output.status.success());
    assert_eq!(crate::message(&output).matches("kept as bytes").count(), 2);
    folder.ok("decompress cut.png.dcs -o back");
    assert_eq!(folder.read("back"), cut);
}

#[test]
fn an_image_goes_through_a_pipe() {
    let folder = Folder::new();
    let image = &every_color()[3];
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png).unwrap();
    let coded = folder.run_with("compress -", file.get_ref()).stdout;
    folder.write("anything.bin", &coded);
    folder.ok("decompress anything.bin");
    assert_eq!(load(&folder, "anything.bin.png"), *image);
    let json: serde_json::Value = serde_json::from_slice(&folder.ok("inspect --json anything.bin")).unwrap();
    assert_eq!(json["kind"], "image");
    assert_eq!((&json["width"], &json["height"]), (&8.into(), &8.into()));
}

#[test]
fn a_png_file_comes_back_to_the_last_byte() {
    let folder = Folder::new();
    let image = DynamicImage::ImageRgb8(pattern(300, 200, narrow));
    save(&folder, "photo.png", &image, ImageFormat::Png);
    let original = folder.read("photo.png");
    folder.ok("--exact photo.png");
    assert_eq!(folder.names(), ["photo.dci", "photo.png"]);
    let shown = String::from_utf8(folder.ok("inspect photo.dci")).unwrap();
    assert!(shown.contains("original-file"), "{shown}");
    folder.ok("test photo.dci");
    folder.ok("decompress photo.dci -o back.png");
    assert_eq!(folder.read("back.png"), original);
    // Another format is made of the pixels, and --pixels keeps nothing else.
    folder.ok("decompress photo.dci -o back.webp");
    assert_eq!(load(&folder, "back.webp"), image);
    folder.ok("compress --pixels --force photo.png");
    let shown = String::from_utf8(folder.ok("inspect photo.dci")).unwrap();
    assert!(!shown.contains("original-file"), "{shown}");
    // What its pixels do not give again stays bytes, as do other formats.
    save(&folder, "photo.bmp", &image, ImageFormat::Bmp);
    folder.ok("compress --exact photo.bmp");
    folder.ok("decompress photo.bmp.dcs -o back.bmp");
    assert_eq!(folder.read("back.bmp"), folder.read("photo.bmp"));
}

#[test]
fn a_name_that_is_not_of_an_image_does_not_ask_for_one() {
    let folder = Folder::new();
    // Slopes of numbers whose colours are in no order are shorter as numbers.
    let palette: Vec<u8> = (1..=768_u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as u8).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 131, 67);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    encoder.set_filter(png::Filter::Paeth);
    let rows: Vec<u8> = (0..131 * 67_u32).map(|i| (i % 131 * 2 + i / 131 * 3 + i * i % 97 / 40) as u8).collect();
    encoder.write_header().unwrap().write_image_data(&rows).unwrap();
    folder.write("a.png", &file);
    let original = folder.read("a.png");
    for level in ["", "--exact"] {
        folder.ok(&format!("compress -f a.png {level} -o a.out"));
        let size = folder.read("a.out").len();
        assert!(size < original.len() + 64, "{size} of {}", original.len());
        folder.ok("decompress -f a.out -o back.png");
        assert_eq!(folder.read("back.png"), original);
    }
    folder.ok("compress a.png -o a.dci");
    assert!(folder.read("a.dci").len() > original.len() + 64);
}

#[test]
fn a_bitmap_is_written_where_there_is_nothing_but_black_and_white() {
    let folder = Folder::new();
    let bitmap = b"P4\n10 2\n\xA5\x40\xFF\x80";
    folder.write("a.pbm", bitmap);
    folder.ok("compress a.pbm -o a.dci");
    folder.ok("decompress a.dci -o back.pbm");
    assert_eq!(folder.read("back.pbm"), bitmap);
    for file in [&b"P5 2 1 255 \0\x01"[..], b"P6 1 1 255 \0\0\0"] {
        folder.write("b.pgm", file);
        folder.ok("compress -f b.pgm -o b.dci");
        assert!(folder.fails("decompress b.dci -o b.pbm", 1).contains("black and white"));
    }
}

#[test]
fn images_of_many_pixels_are_not_refused_for_their_memory() {
    // 14500 x 14500 RGB pixels, cut off behind the header and the first tile: more than half of a GiB.
    let file = b"\x89DCI\x01\0\0\0\0\0\x08\x0D\xA6\x64\x59\xCD\xA4\x71\xA4\x71\x02\x95\x0E\xAE\x04";
    let folder = Folder::new();
    folder.write("a.dci", file);
    for command in ["test a.dci", "decompress a.dci", "decompress a.dci -o a.ppm"] {
        let said = folder.fails(command, 1);
        assert!(!said.contains("memory"), "{said}");
    }
}

#[test]
fn names_of_png_files_come_back() {
    for (name, compressed, back) in
        [("P.PNG", "P.PNG.dci", "P.PNG"), ("p.png", "p.dci", "p.png"), ("z.txt", "z.txt.dci", "z.txt.png")]
    {
        let folder = Folder::new();
        save(&folder, name, &every_color()[2], ImageFormat::Png);
        folder.ok(&format!("compress --rm {name}"));
        assert_eq!(folder.names(), [compressed]);
        folder.ok(&format!("decompress --rm {compressed}"));
        assert_eq!(folder.names(), [back]);
    }
}
