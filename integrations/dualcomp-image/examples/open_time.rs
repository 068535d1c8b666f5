//! How long opening icons of 64x64 pixels takes: by a process that does nothing else, from its start to its end, and
//! then again and again in one process.

#![allow(clippy::print_stdout, reason = "the times are what it is for")]

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use dualcomp_image::SaveDci;
use image::{Rgba, RgbaImage};

const PROCESSES: usize = 40;
const REPEATS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    dualcomp_image::register();
    if let Some(path) = std::env::args_os().nth(1) {
        image::open(path)?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    for (name, icon) in [("drawn", drawn()), ("shaded", shaded())] {
        let path = folder.path().join(name).with_extension("dci");
        icon.save_dci(&path)?;
        let program = std::env::current_exe()?;
        let fresh = times(PROCESSES, || match Command::new(&program).arg(&path).status()?.success() {
            true => Ok(()),
            false => Err("the process failed".into()),
        })?;
        let warm = times(REPEATS, || open(&path))?;
        let bytes = path.metadata()?.len();
        println!("{name}, {bytes} bytes: fresh process {fresh}; warm {warm}");
    }
    Ok(())
}

fn open(path: &Path) -> Result<(), Box<dyn Error>> {
    image::open(path)?;
    Ok(())
}

/// Best and median.
fn times(count: usize, mut run: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<String, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..count {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(format!("{:.1} ms (median {:.1})", times[0], times[count / 2]))
}

/// A sheet with a folded corner and lines, in few colours.
fn drawn() -> RgbaImage {
    RgbaImage::from_fn(64, 64, |x, y| match (x, y) {
        _ if !(12..52).contains(&x) || !(6..58).contains(&y) || x + 12 > y + 46 => Rgba([0; 4]),
        (12 | 51, _) | (_, 6 | 57) => Rgba([70, 80, 100, 255]),
        (20..44, 24..50) if y % 6 < 2 => Rgba([120, 140, 200, 255]),
        _ => Rgba([245, 245, 250, 255]),
    })
}

/// A ball in slopes of colour.
fn shaded() -> RgbaImage {
    RgbaImage::from_fn(64, 64, |x, y| {
        let far = (x as i32 - 32).pow(2) + (y as i32 - 32).pow(2);
        Rgba([(x * 4) as u8, (far / 8) as u8, (y * 3) as u8, if far < 900 { 255 } else { 0 }])
    })
}
