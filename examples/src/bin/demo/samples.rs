//! Content to show where none is given.

use image::{Rgb, RgbImage};

/// Numbers from a linear congruence: the same picture and text each time.
struct Numbers(u32);

impl Numbers {
    /// Below `limit`.
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % limit
    }
}

/// Hills under a sky, 384x256, with the noise of a camera.
#[allow(clippy::disallowed_methods, reason = "any picture will do")]
pub(crate) fn picture() -> RgbImage {
    let mut numbers = Numbers(1);
    let ridge = |x: f32, scale: f32, height: f32| height + 14.0 * (x / scale).sin() + 6.0 * (x / scale * 2.7).cos();
    RgbImage::from_fn(384, 256, |x, y| {
        let (u, v) = (x as f32, y as f32);
        let color = if v > ridge(u, 41.0, 190.0) {
            [52.0, 84.0 + (v - 190.0) / 3.0, 48.0]
        } else if v > ridge(u + 90.0, 63.0, 150.0) {
            [88.0, 108.0, 96.0 + u / 20.0]
        } else {
            [120.0 + v / 3.0, 160.0 + v / 4.0, 214.0 - u / 30.0]
        };
        Rgb(color.map(|value| {
            let noise = (0..4).map(|_| numbers.below(5) as f32).sum::<f32>() - 8.0;
            (value + noise).clamp(0.0, 255.0) as u8
        }))
    })
}

/// This very program, as a text.
pub(crate) fn text() -> &'static str {
    concat!(include_str!("main.rs"), include_str!("page.rs"), include_str!("peers.rs"))
}

/// A list of orders as JSON.
pub(crate) fn answer() -> String {
    const NAMES: [&str; 8] = ["Ada", "Bela", "Chidi", "Dana", "Emre", "Fatou", "Goro", "Hana"];
    const STATES: [&str; 3] = ["paid", "sent", "open"];
    let mut numbers = Numbers(7);
    let orders = (0..60).map(|n| {
        let (name, state) = (NAMES[numbers.below(8) as usize], STATES[numbers.below(3) as usize]);
        let (price, day) = (numbers.below(90_000), 1 + numbers.below(28));
        format!(
            r#"{{"id":{},"customer":{{"name":"{name}","vip":{}}},"state":"{state}","total":{}.{:02},"date":"2026-10-{day:02}"}}"#,
            4000 + n,
            numbers.below(9) == 0,
            price / 100,
            price % 100
        )
    });
    format!(r#"{{"orders":[{}],"next":null}}"#, orders.collect::<Vec<_>>().join(","))
}
