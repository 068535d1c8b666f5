//! Turns of a substream: each ends where the next one needs memory that it has asked for, so that two substreams that take
//! turns on one thread need not wait (experiments/0071).

use dualcomp_entropy::BitCoder;
use fearless_simd::Simd;

use super::LightCoder;
use super::mixing::Decision;
use super::tree::{BYTE, GROUP, ONE, WALK};
use crate::codec::v1::bytes::byte_match::certainty;
use crate::codec::v1::bytes::token_match::ExpectedToken;

/// Contexts are not looked up after a match that is longer than this: most likely the next byte is coded as a whole.
const LIKELY: u32 = 16;

/// A substream and its part of a block.
pub(super) struct Lane<'a, C> {
    substream: &'a mut LightCoder,
    coder: &'a mut C,
    /// The bytes to encode.
    raw: Option<&'a [u8]>,
    /// Bytes still to come.
    left: usize,
    stage: Stage,
    /// The byte that the match expects, foreseen as soon as the last one was coded if the match went on, and whether it was
    /// asked for, in vain if the byte is spelled.
    repeat: Option<ExpectedToken>,
    expected: u8,
    refuted: bool,
}

/// What comes next.
#[derive(Clone, Copy)]
enum Stage {
    /// A byte; the slots of its first decisions are fetched already or not.
    Byte { fetched: bool },
    /// Decisions from this node on.
    Node(u8),
}

impl<'a, C: BitCoder> Lane<'a, C> {
    /// The substream has room for `len` bytes; `raw` are those to encode.
    pub(super) fn new(substream: &'a mut LightCoder, coder: &'a mut C, len: usize, raw: Option<&'a [u8]>) -> Self {
        let stage = Stage::Byte { fetched: false };
        Self { substream, coder, raw, left: len, stage, repeat: None, expected: 0, refuted: false }
    }

    /// The byte to encode, anything to a decoder.
    #[inline(always)]
    fn target(&self) -> u8 {
        self.raw.and_then(|raw| raw.get(raw.len() - self.left)).copied().unwrap_or(0)
    }

    /// One turn: a whole byte, or the decisions of a node group.
    #[inline(always)]
    fn turn<S: Simd>(&mut self, simd: S) {
        match self.stage {
            Stage::Byte { fetched } => {
                if self.begin() {
                    return;
                }
                self.stage = Stage::Node(0);
                if fetched {
                    self.spell(simd, 0);
                } else {
                    self.substream.fetch();
                }
            }
            Stage::Node(node) => self.spell(simd, node),
        }
    }

    /// Asks for the byte that the match expects, if that is likely enough; whether it came.
    #[inline(always)]
    fn begin(&mut self) -> bool {
        let target = self.target();
        let LightCoder { cursor, history, token_match, .. } = &mut *self.substream;
        if cursor.seeks() {
            cursor.seek(history);
            self.repeat = token_match.foresee(cursor, history, self.left);
        }
        if let Some(repeat) = &mut self.repeat {
            token_match.mix(repeat);
        }
        self.expected = self.repeat.map_or(0, |repeat| repeat.bytes(history)[0]);
        let asked = self.repeat.filter(|repeat| token_match.asks_for(repeat));
        self.refuted = asked.is_some();
        let Some(repeat) = asked else { return false };
        let came = self.coder.code(target == self.expected, repeat.p);
        token_match.learn(&repeat, came);
        cursor.count(came);
        if came {
            self.end(self.expected);
        }
        came
    }

    /// Codes decisions from this node on, the first one of its group.
    #[inline(always)]
    fn spell<S: Simd>(&mut self, simd: S, mut node: u8) {
        let target = self.target();
        let substream = &mut *self.substream;
        substream.table.look_up(simd, &substream.pretrained);
        let found =
            substream.cursor.found.and_then(|found| Some((substream.history.byte(found.place as usize)?, found)));
        let (byte, length) = found.map_or((0, 0), |(byte, found)| (byte, found.length(self.refuted) as usize));
        let selectors = substream.selectors;
        let known = 64 * substream.table.known() + selectors.class;
        // The expected byte is below this node or not, and below those that follow until another outcome comes.
        let top = WALK[usize::from(node)];
        let below = top.first <= byte && byte <= top.last;
        let (mut length, mut class) = if below { (length, known + 8 * certainty(length)) } else { (0, known) };
        loop {
            let walk = WALK[usize::from(node)];
            let (expected, bit) = (byte >= walk.split, target >= walk.split);
            let decision = Decision { node, walk, expected, length, class, selectors, bit };
            let next = substream.mixing.code(simd, decision, &mut substream.table, self.coder);
            if (next & ONE != 0) != expected {
                (length, class) = (0, known);
            }
            node = next as u8;
            if next & (BYTE | GROUP) != 0 {
                substream.table.put_back();
                if next & GROUP != 0 {
                    substream.table.fetch(WALK[usize::from(node)].group, &substream.pretrained);
                    self.stage = Stage::Node(node);
                } else {
                    if let Some(repeat) = self.repeat.filter(|_| !self.refuted) {
                        substream.token_match.learn(&repeat, node == self.expected);
                        substream.cursor.count(node == self.expected);
                    }
                    self.end(node);
                }
                return;
            }
        }
    }

    /// Appends the byte that came.
    #[inline(always)]
    fn end(&mut self, byte: u8) {
        let substream = &mut *self.substream;
        substream.cursor.push(byte, true, &mut substream.history);
        let fetched = substream.cursor.found.is_none_or(|found| found.agreed < LIKELY);
        if fetched {
            substream.fetch();
        }
        self.stage = Stage::Byte { fetched };
        self.left -= 1;
        let LightCoder { cursor, history, token_match, .. } = &mut *self.substream;
        self.repeat = if cursor.seeks() { None } else { token_match.foresee(cursor, history, self.left) };
        if let Some(repeat) = &self.repeat {
            token_match.prefetch(repeat);
        }
    }
}

/// Codes the parts of all lanes, which take turns.
#[inline(always)]
pub(super) fn run<S: Simd, C: BitCoder>(simd: S, lanes: &mut [Lane<'_, C>]) {
    while lanes.iter().any(|lane| lane.left > 0) {
        for lane in &mut *lanes {
            if lane.left > 0 {
                lane.turn(simd);
            }
        }
    }
}
