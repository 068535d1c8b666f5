//! What the network costs on this machine, on its own instructions and on those that every processor of the
//! architecture has: the first use, then a token and a pixel in steady state. `cargo bench --workspace --bench network`

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use dualcomp_entropy::predictor::{Depth, Predictor, PredictorError, Site};
use dualcomp_model::Model;
use dualcomp_tokens::FEATURES;

/// The released weights.
static WEIGHTS: &[u8] = include_bytes!("../weights/dualcomp-1.safetensors");

fn main() -> Result<(), PredictorError> {
    let mut criterion = Criterion::default().configure_from_args();
    start(&mut criterion);
    let models = [
        ("this processor", Model::from_bytes(WEIGHTS)?),
        ("any processor", Model::from_bytes(WEIGHTS)?.without_extensions()),
    ];
    for (name, model) in &models {
        tokens(&mut criterion, name, model)?;
        pixels(&mut criterion, name, model)?;
    }
    criterion.final_summary();
    Ok(())
}

/// From the weights file to the first answers.
fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.bench_function("weights", |bencher| bencher.iter(|| Model::from_bytes(WEIGHTS).map(black_box)));
    group.bench_function("weights and first logit", |bencher| bencher.iter(first_logit));
    group.bench_function("weights and first pixel", |bencher| bencher.iter(first_pixel));
    group.finish();
}

fn first_logit() -> Result<i32, PredictorError> {
    let model = Model::from_bytes(WEIGHTS)?;
    let mut session = model.text(1)?;
    session.advance(&[0], &[model.vocabulary().start()])?;
    Ok(session.logit(0, 0))
}

fn first_pixel() -> Result<(), PredictorError> {
    let mut session = Model::from_bytes(WEIGHTS)?.image(Depth::Deep, 1)?;
    session.advance(&[Site { slot: 0, column: 0, above: None }], &[0; FEATURES])?;
    session.mixtures(0, &[[0; 2]], &mut vec![])
}

/// A token of each lane, and the logits of its decisions.
fn tokens(criterion: &mut Criterion, name: &str, model: &Model) -> Result<(), PredictorError> {
    let mut group = criterion.benchmark_group(format!("text, {name}"));
    for lanes in [1u32, 4, 8] {
        let mut session = model.text(lanes as usize)?;
        let all: Vec<u32> = (0..lanes).collect();
        let mut tokens = all.clone();
        let mut advance = || {
            for token in &mut tokens {
                *token = (*token + 31) % model.vocabulary().start();
            }
            session.advance(&all, &tokens)
        };
        // What fails here would fail in every run.
        advance()?;
        group.throughput(Throughput::Elements(lanes.into()));
        group.bench_function(format!("token, {lanes} lanes"), |bencher| bencher.iter(&mut advance));
    }
    let mut session = model.text(1)?;
    session.advance(&[0], &[0])?;
    let decisions = model.vocabulary().len() as u32 - 1;
    let mut node = 0;
    group.throughput(Throughput::Elements(1));
    group.bench_function("logit", |bencher| {
        bencher.iter(|| {
            node = (node + 577) % decisions;
            session.logit(0, node)
        });
    });
    group.finish();
    Ok(())
}

/// A wavefront of pixels, and their mixtures.
fn pixels(criterion: &mut Criterion, name: &str, model: &Model) -> Result<(), PredictorError> {
    for (depth, of) in [(Depth::Deep, "image"), (Depth::Shallow, "shallow image")] {
        pixels_of(criterion.benchmark_group(format!("{of}, {name}")), model, depth)?;
    }
    Ok(())
}

fn pixels_of(mut group: BenchmarkGroup<'_, WallTime>, model: &Model, depth: Depth) -> Result<(), PredictorError> {
    for rows in [1u32, 8, 100] {
        let mut session = model.image(depth, rows as usize)?;
        let features: Vec<i8> = (0..rows as usize * FEATURES).map(|i| (i * 37 % 255) as i8).collect();
        let mut column = 3 * rows;
        let mut advance = || {
            let site = |slot: u32| Site { slot, column: column - 3 * slot, above: slot.checked_sub(1) };
            let sites: Vec<Site> = (0..rows).map(site).collect();
            column += 1;
            session.advance(&sites, &features)
        };
        advance()?;
        group.throughput(Throughput::Elements(rows.into()));
        group.bench_function(format!("pixel, {rows} rows"), |bencher| bencher.iter(&mut advance));
        let residuals: Vec<[i16; 2]> = (0..rows as i16).map(|i| [i % 9 - 4, i % 5 - 2]).collect();
        let mut out = vec![];
        let mut mixtures = || (0..3).try_for_each(|channel| session.mixtures(channel, &residuals, &mut out));
        mixtures()?;
        group.bench_function(format!("three mixtures, {rows} rows"), |bencher| bencher.iter(&mut mixtures));
    }
    group.finish();
    Ok(())
}
