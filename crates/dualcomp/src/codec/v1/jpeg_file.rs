//! JPEG files: coefficients, and what rebuilds the file of them.

use dualcomp_jpeg::{Coefficients, Component, Rebuild, rebuild};

use crate::codec::v1::budget::Budget;
use crate::codec::v1::jpeg::{self, PlaneShape, Profile};
use crate::error::{Error, Result};
use crate::options::thread_count;

/// Bytes of coefficients for each byte of the file at most. It bounds the work that a file can ask for; an empty block of
/// 128 bytes takes a quarter of a byte in a file.
const MAX_PER_BYTE: u64 = 512;

/// Blocks that a band must have at least where there are several: each makes tables of its own.
const MIN_BAND: u64 = 1 << 12;

/// Units of work of a block: a hundred decisions, which it can have whatever the file's length. Decisions beyond these
/// are of coefficients that have as many bits in the file, and are counted by its length.
const BLOCK_WORK: u64 = 32;

/// Bytes of the segments that a name of a byte stands for, at most: sixteen tables of 420.
const NAMED_SEGMENTS: u64 = 16 * 420;

/// Codes coefficients.
pub(crate) fn encode(coefficients: &Coefficients, profile: Profile, bands: usize, threads: usize) -> Result<Vec<u8>> {
    let planes: Vec<&[i16]> = coefficients.components.iter().map(|component| &component.coefficients[..]).collect();
    jpeg::encode(&shapes(coefficients), &planes, profile, bands, threads)
}

/// Makes a file of `file_len` bytes of what rebuilds it and of its coefficients. Gives some file or an error.
pub(crate) fn decode(text: &[u8], payload: &[u8], file_len: u64, budget: Budget<'_>) -> Result<Vec<u8>> {
    let held = budget.held.saturating_add(file_len).saturating_add(texts(text));
    budget.limits.check_memory(held)?;
    let exceptions = dualcomp_jpeg::Limits::default().with_max_exception_bytes(budget.limits.max_memory_bytes - held);
    let made = Rebuild::from_bytes(text, &exceptions).map_err(|error| match error {
        dualcomp_jpeg::Error::LimitsExceeded => budget.limits.memory_exceeded(),
        error => corrupt(error),
    })?;
    if made.file_len() != file_len {
        return Err(Error::corrupt("the file has another length than its span says"));
    }
    let limits = dualcomp_jpeg::Limits::default()
        .with_max_file_bytes(file_len)
        .with_max_coefficient_bytes(MAX_PER_BYTE.saturating_mul(file_len));
    let mut coefficients = made.layout(&limits).map_err(corrupt)?;
    let blocks = coefficients.blocks() as u64;
    *budget.work = budget.work.saturating_add(BLOCK_WORK * blocks);
    budget.limits.check_work(*budget.work, budget.read)?;
    let (bands, tables) = jpeg::tables(payload).ok_or(Error::corrupt("coefficients of a JPEG file"))?;
    if bands > 1 && blocks < bands * MIN_BAND {
        return Err(Error::corrupt("the bands of a JPEG file are too small"));
    }
    let held = budget.held.saturating_add(shared_memory(blocks, file_len, text, &made));
    budget.limits.check_memory(held.saturating_add(tables))?;
    // As many threads as there is memory for.
    let affordable = usize::try_from((budget.limits.max_memory_bytes - held) / tables).unwrap_or(usize::MAX);
    let threads = thread_count(budget.threads, bands as usize).min(affordable);
    let planes = jpeg::decode(payload, &shapes(&coefficients), file_len, threads)?;
    for (component, plane) in coefficients.components.iter_mut().zip(planes) {
        component.coefficients = plane;
    }
    rebuild(&coefficients, &made, &limits).map_err(corrupt)
}

/// Bytes of memory that a decoder takes on one thread, beside others that it holds.
pub(crate) fn memory(coefficients: &Coefficients, made: &Rebuild, text: &[u8], payload: &[u8]) -> u64 {
    let tables = jpeg::tables(payload).map_or(0, |(_, tables)| tables);
    shared_memory(coefficients.blocks() as u64, made.file_len(), text, made) + tables + payload.len() as u64
}

/// Bytes of memory that all threads have in common. A block has 128 bytes, and the model keeps as much again of what it
/// knows of it.
fn shared_memory(blocks: u64, file_len: u64, text: &[u8], made: &Rebuild) -> u64 {
    256 * blocks + file_len + texts(text) + made.exception_bytes()
}

/// Bytes of what rebuilds a file, and of the segments that are made of it, which are as long but for names of tables.
fn texts(text: &[u8]) -> u64 {
    2 * text.len() as u64 + NAMED_SEGMENTS
}

fn shapes(coefficients: &Coefficients) -> Vec<PlaneShape> {
    let shape = |component: &Component| PlaneShape {
        sampling: (component.h, component.v),
        blocks_wide: component.blocks_wide as usize,
        blocks_high: component.blocks_high as usize,
        quantization: component.quantization,
    };
    coefficients.components.iter().map(shape).collect()
}

fn corrupt(error: dualcomp_jpeg::Error) -> Error {
    Error::corrupt(match error {
        dualcomp_jpeg::Error::Invalid(detail) | dualcomp_jpeg::Error::Unsupported(detail) => detail,
        _ => "the JPEG file has too many coefficients for its length",
    })
}
