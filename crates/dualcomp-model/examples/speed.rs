//! What the network costs on this machine: the first call in a process, then a token and a pixel in steady state.
//!
//! `cargo run --release -p dualcomp-model --example speed`

use std::io::Write as _;
use std::time::{Duration, Instant};

use dualcomp_entropy::predictor::{Predictor, PredictorError, Site};
use dualcomp_model::Model;

/// The fastest of many short runs: other work on the machine only adds.
const RUNS: usize = 40;

fn main() -> Result<(), PredictorError> {
    let start = Instant::now();
    let model = Model::embedded()?;
    report("weights read", start.elapsed(), 1)?;
    let mut text = model.text(1)?;
    text.advance(&[0], &[model.vocabulary().len() as u32])?;
    std::hint::black_box(text.logit(0, 0));
    report("first logit, since the start", start.elapsed(), 1)?;
    let image = Instant::now();
    let mut pixels = model.image(1)?;
    pixels.advance(&[Site { slot: 0, column: 0, above: None }], &[0; dualcomp_tokens::FEATURES])?;
    pixels.mixtures(0, &[[0; 2]], &mut vec![])?;
    report("first pixel", image.elapsed(), 1)?;
    report("another text session", best(|| model.text(16).map(drop))?, 1)?;
    report("another image session", best(|| model.image(64).map(drop))?, 1)?;

    for lanes in [1, 2, 4, 8, 16, 64] {
        tokens(model, lanes)?;
    }
    for rows in [1, 8, 32, 100, 170] {
        wavefront(model, rows)?;
    }
    Ok(())
}

fn report(what: &str, time: Duration, units: usize) -> Result<(), PredictorError> {
    let time = time.as_secs_f64() * 1e6 / units as f64;
    Ok(writeln!(std::io::stdout(), "{what:34} {time:10.3} us")?)
}

fn best(mut run: impl FnMut() -> Result<(), PredictorError>) -> Result<Duration, PredictorError> {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

fn tokens(model: &Model, lanes: usize) -> Result<(), PredictorError> {
    let mut session = model.text(lanes)?;
    let all: Vec<u32> = (0..lanes as u32).collect();
    let steps = 400 / lanes + 1;
    let mut token = 0;
    let time = best(|| {
        for _ in 0..steps {
            let tokens: Vec<u32> = all.iter().map(|lane| (token * 31 + lane * 7) % 4096).collect();
            token += 1;
            session.advance(&all, &tokens)?;
        }
        Ok(())
    })?;
    report(&format!("token, {lanes} lanes"), time, steps * lanes)?;
    let nodes = model.vocabulary().len() as u32 - 1;
    let time = best(|| {
        for i in 0..1000 {
            std::hint::black_box(session.logit(i % lanes as u32, (i * 577) % nodes));
        }
        Ok(())
    })?;
    report("  logit", time, 1000)
}

fn wavefront(model: &Model, rows: usize) -> Result<(), PredictorError> {
    let mut session = model.image(rows)?;
    let features: Vec<i8> = (0..rows * dualcomp_tokens::FEATURES).map(|i| (i * 37 % 255) as u8 as i8).collect();
    let features: Vec<i8> = features.iter().map(|&f| f.max(-127)).collect();
    let residuals: Vec<[i16; 2]> = (0..rows).map(|i| [i as i16 % 9 - 4, i as i16 % 5 - 2]).collect();
    let mut out = vec![];
    let mut column = 3 * rows as u32;
    let steps = 400 / rows + 1;
    let mut advance = |time_mixtures: bool| {
        let mut sum = Duration::ZERO;
        for _ in 0..steps {
            let site = |slot: u32| Site { slot, column: column - 3 * slot, above: slot.checked_sub(1) };
            let sites: Vec<Site> = (0..rows as u32).map(site).collect();
            column += 1;
            let start = Instant::now();
            session.advance(&sites, &features)?;
            let between = Instant::now();
            for channel in 0..3 {
                session.mixtures(channel, &residuals, &mut out)?;
            }
            sum += if time_mixtures { between.elapsed() } else { between - start };
        }
        Ok::<_, PredictorError>(sum)
    };
    for (what, mixtures) in [("pixel", false), ("  mixtures of a pixel", true)] {
        let mut best = Duration::MAX;
        for _ in 0..RUNS {
            best = best.min(advance(mixtures)?);
        }
        report(&format!("{what}, {rows} rows"), best, steps * rows)?;
    }
    Ok(())
}
