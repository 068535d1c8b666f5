//! What leaves the network for fixed inputs, as SHA-256 digests that `training/golden.py` computed in numpy.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use dualcomp_entropy::predictor::{Depth, Mixture, Predictor, Site};
use dualcomp_model::Model;
use dualcomp_tokens::{Canvas, FEATURES};
use sha2::{Digest, Sha256};

/// Weights files and their golden files, lines of a name, a number and a digest. The first is inside the library.
const FILES: [(&str, &str); 4] = [
    ("dualcomp-1", include_str!("golden/dualcomp-1.txt")),
    ("dualcomp-1-experts", include_str!("golden/dualcomp-1-experts.txt")),
    ("dualcomp-1-image", include_str!("golden/dualcomp-1-image.txt")),
    ("dualcomp-1-text", include_str!("golden/dualcomp-1-text.txt")),
];

/// All models with their golden files.
fn models() -> impl Iterator<Item = (Model, &'static str)> {
    FILES.into_iter().map(|(name, golden)| {
        let path = format!("{}/weights/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        (Model::from_bytes(&std::fs::read(path).unwrap()).unwrap(), golden)
    })
}

const LANES: u32 = 5;
const STEPS: usize = 60;
/// Steps of text in a digest.
const BLOCK: usize = 10;
/// Decisions asked for after each token.
const NODES: usize = 40;
const WIDTH: usize = 11;
const HEIGHT: usize = 9;

/// Marsaglia, *Xorshift RNGs*, 2003.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The numbers that follow `name` in the golden file, against those computed now.
fn compare(golden: &str, name: &str, now: &[Vec<i16>]) {
    let digests: Vec<&str> = golden.lines().filter_map(|l| l.strip_prefix(name)?.split(' ').nth(2)).collect();
    assert_eq!(digests.len(), now.len(), "parts of {name}");
    for (i, (numbers, golden)) in now.iter().zip(digests).enumerate() {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(hex(&Sha256::digest(&bytes)), golden, "{name}, part {i}");
    }
}

#[test]
fn golden_files_are_of_these_weights() {
    for (model, golden) in models() {
        assert_eq!(golden.lines().next(), Some(&*format!("weights 0 {}", hex(&model.id()))), "run training/golden.py");
        let has = |name| golden.lines().any(|line: &str| line.starts_with(name));
        assert_eq!((model.reads_text(), model.reads_pixels()), (has("text "), has("image ") && has("shallow ")));
    }
    assert_eq!(models().next().unwrap().0.id(), Model::embedded().id());
}

#[test]
fn golden_logits_of_text() {
    for (model, golden) in models().filter(|(model, _)| model.reads_text()) {
        compare(golden, "text", &logits(&model));
    }
}

fn logits(model: &Model) -> Vec<Vec<i16>> {
    let tokens = model.vocabulary().len();
    let mut session = model.text(LANES as usize).unwrap();
    let mut r = Random::new(1);
    let mut parts = vec![vec![]; STEPS / BLOCK];
    for step in 0..STEPS {
        let fed: Vec<u32> = (0..LANES).filter(|_| step == 0 || r.below(5) > 0).collect();
        let read: Vec<u32> = fed.iter().map(|_| if step == 0 { tokens } else { r.below(tokens + 1) } as u32).collect();
        session.advance(&fed, &read).unwrap();
        for &lane in &fed {
            for _ in 0..NODES {
                parts[step / BLOCK].push(session.logit(lane, r.below(tokens - 1) as u32) as i16);
            }
        }
    }
    parts
}

#[test]
fn golden_mixtures_of_pixels() {
    for (model, golden) in models().filter(|(model, _)| model.reads_pixels()) {
        for (name, depth) in [("image", Depth::Deep), ("shallow", Depth::Shallow)] {
            compare(golden, name, &mixtures(&model, depth));
        }
    }
}

fn mixtures(model: &Model, depth: Depth) -> Vec<Vec<i16>> {
    // Rows are three columns apart, so that few are under way at once.
    let slots = WIDTH.div_ceil(3) + 2;
    let mut r = Random::new(2);
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    for (y, x) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x))) {
        let mut value = |c: usize| ((37 * y + 11 * x + 60 * c + r.below(23)) % 256) as u8;
        canvas.set(y, x, [value(0), value(1), value(2)]);
    }
    let mut session = model.image(depth, slots).unwrap();
    let mut rows = vec![vec![[Mixture::default(); 3]; WIDTH]; HEIGHT];
    let mut out = vec![];
    for step in 0..WIDTH + 3 * (HEIGHT - 1) {
        let places: Vec<(usize, usize)> =
            (0..HEIGHT).filter_map(|y| Some((y, step.checked_sub(3 * y)?))).filter(|p| p.1 < WIDTH).collect();
        let site = |&(y, x): &(usize, usize)| Site {
            slot: (y % slots) as u32,
            column: x as u32,
            above: (y > 0 && x + 1 < WIDTH).then(|| ((y - 1) % slots) as u32),
        };
        let mut features = vec![];
        let mut residuals = vec![];
        for &(y, x) in &places {
            let (around, mut one) = (canvas.around(y, x), [0; FEATURES]);
            let median = around.med();
            around.features(median, &mut one);
            features.extend(one);
            residuals.push([0, 1].map(|c| i16::from(canvas.get(y, x)[c]) - i16::from(median[c])));
        }
        session.advance(&places.iter().map(site).collect::<Vec<_>>(), &features).unwrap();
        for channel in 0..3 {
            session.mixtures(channel, &residuals, &mut out).unwrap();
            for (&(y, x), mixture) in places.iter().zip(&out) {
                rows[y][x][channel] = *mixture;
            }
        }
    }
    let numbers = |m: &Mixture| m.weights.into_iter().chain(m.means).chain(m.scales);
    rows.iter().map(|row| row.iter().flatten().flat_map(numbers).collect()).collect()
}
