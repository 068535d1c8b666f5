//! How long opening a small image takes, first in this process and then again.

#![allow(clippy::print_stdout, reason = "the times are what it is for")]

use std::time::Instant;

use dualcomp_image::SaveDci;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    dualcomp_image::register();
    let Some(path) = std::env::args_os().nth(1) else {
        return Err("give the path of an image; a missing .dci is made".into());
    };
    if !std::fs::exists(&path)? {
        let icon = image::RgbaImage::from_fn(64, 64, |x, y| {
            let far = (x as i32 - 32).pow(2) + (y as i32 - 32).pow(2);
            image::Rgba([(x * 4) as u8, (far / 8) as u8, (y * 3) as u8, if far < 900 { 255 } else { 0 }])
        });
        icon.save_dci(&path)?;
        return Ok(());
    }
    let image = image::open(&path)?;
    println!("{}x{} first: {:.2} ms", image.width(), image.height(), start.elapsed().as_secs_f64() * 1e3);
    let mut times: Vec<_> = (0..50)
        .map(|_| {
            let start = Instant::now();
            image::open(&path).map(|_| start.elapsed().as_secs_f64() * 1e3)
        })
        .collect::<Result<_, _>>()?;
    times.sort_by(f64::total_cmp);
    println!("again: {:.2} ms (median of 50; fastest {:.2})", times[25], times[0]);
    Ok(())
}
