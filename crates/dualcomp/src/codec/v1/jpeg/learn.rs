//! Learning of the priors.

use dualcomp_entropy::{Number, Prior};
use fearless_simd::Level;

use super::block::PlaneCoder;
use super::plane::{Block, EMPTY, Plane, PlaneShape};
use super::{Meter, Profile, code_planes, fast, full};
use crate::codec::v1::direction::Direction;
use crate::runtime::at_level::at_level;

/// The prior of a profile that coders arrive at when they code all pictures in order, each with tables of its own: the
/// mean of what they had learned after each of the second half.
///
/// # Panics
///
/// If there is no picture.
pub(crate) fn learn(pictures: &[(Vec<PlaneShape>, Vec<Vec<i16>>)], profile: Profile) -> Vec<u8> {
    let mut last: Vec<Number> = Vec::new();
    let mut sums: Vec<f64> = Vec::new();
    for (i, (shapes, planes)) in pictures.iter().enumerate() {
        let mut prior = Prior::from_numbers(&last);
        let mut numbers = Vec::new();
        match profile {
            Profile::Fast => code(fast(&mut prior), shapes, planes, &mut numbers),
            Profile::Default | Profile::Max => code(full(profile, &mut prior), shapes, planes, &mut numbers),
        }
        if i >= pictures.len() / 2 {
            sums.resize(numbers.len(), 0.0);
            for (sum, number) in sums.iter_mut().zip(&numbers) {
                if let Number::Weight(weight) = number {
                    *sum += f64::from(*weight);
                }
            }
        }
        last = numbers;
    }
    let count = (pictures.len() - pictures.len() / 2) as f64;
    sums.iter().map(|sum| Number::Weight((sum / count) as i32).pack()).collect()
}

fn code<const M: usize, const R: usize>(
    mut coders: PlaneCoder<M, R>,
    shapes: &[PlaneShape],
    planes: &[Vec<i16>],
    numbers: &mut Vec<Number>,
) {
    let source: Vec<&[Block]> = planes.iter().map(|plane| plane.as_chunks().0).collect();
    let mut out: Vec<Vec<Block>> = source.iter().map(|plane| vec![EMPTY; plane.len()]).collect();
    let mut planes: Vec<_> = shapes.iter().zip(&mut out).map(|(shape, blocks)| Plane::new(shape, blocks)).collect();
    let meter = Meter::new(u64::MAX);
    let mut coder = Direction::encode();
    at_level!(Level::new(), simd => code_planes(simd, &mut coders, &mut planes, Some(&source), &mut coder, &meter));
    coders.save(numbers);
}
