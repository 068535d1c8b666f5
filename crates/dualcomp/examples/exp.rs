//! x
use dualcomp::learn::{Contexts, learn};
use dualcomp::{ColorType, EncoderOptions, ImageInfo, Level, Metadata};
mod samples;
type Failure = Box<dyn std::error::Error>;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let prior = learn(samples::of_folder(&a[0]).unwrap().into_iter(), None, Contexts::Photo).unwrap();
    std::fs::write(std::env::var("PRIOR").unwrap(), prior).unwrap();
    let mut total = 0;
    let mut secs = 0.0;
    for f in &a[1..] {
        let im = image::open(f).unwrap().to_rgb8();
        let info = ImageInfo::new(im.width(), im.height(), ColorType::Rgb8);
        let t = std::time::Instant::now();
        let out = dualcomp::encode_image(&im, &info, &Metadata::default(), &EncoderOptions::default().with_level(Level::Fast)).unwrap();
        secs += t.elapsed().as_secs_f64();
        if std::env::var("V").is_ok() { println!("{f} {}", out.len()); }
        total += out.len();
    }
    println!("{} {total} {secs:.2} s", std::env::var("E").unwrap_or_default());
}
