//! What is known of a pixel by what came after the same exact neighbours.

use super::TEMPLATES;

/// Times are counted up to this, in four bits.
pub(super) const LONGEST: u32 = 15;
/// Times fall in this many groups.
pub(crate) const GROUPS: usize = 4;
/// States of a template with regard to a candidate.
pub(crate) const HISTORY_STATES: usize = (LONGEST as usize + 1) * 4 * 3;

/// Two pixels that came after the same neighbours, and the times that they came, 0 if unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HistoryState {
    pub(super) first: [u8; 3],
    pub(super) times: u32,
    pub(super) second: [u8; 3],
    pub(super) others: u32,
}

/// The states of all templates for a pixel.
#[derive(Clone, Copy, Default)]
pub(crate) struct HistoryStates(pub(super) [HistoryState; TEMPLATES]);

impl HistoryState {
    /// First pixel in bits 0 to 23, times in 24 to 27, the same of the second, a check of 8 bits.
    #[inline(always)]
    pub(super) fn from_entry(entry: u64, hash: u32) -> Self {
        if entry >> 56 != check(hash) {
            return Self::default();
        }
        let [r, g, b, times, ..] = entry.to_le_bytes();
        let [x, y, z, others, ..] = (entry >> 28).to_le_bytes();
        Self { first: [r, g, b], times: u32::from(times & 15), second: [x, y, z], others: u32::from(others & 15) }
    }

    #[inline(always)]
    pub(super) fn entry(&self, hash: u32) -> u64 {
        let half = |[r, g, b]: [u8; 3], times: u32| u64::from(u32::from_le_bytes([r, g, b, times as u8]));
        check(hash) << 56 | half(self.second, self.others) << 28 | half(self.first, self.times)
    }

    /// After this pixel came too.
    #[inline(always)]
    pub(super) fn with(self, pixel: [u8; 3]) -> Self {
        if self.times == 0 {
            return Self { first: pixel, times: 1, ..Self::default() };
        }
        if self.first == pixel {
            return Self { times: (self.times + 1).min(LONGEST), ..self };
        }
        let again = self.others > 0 && self.second == pixel;
        let others = if again { (self.others + 1).min(LONGEST) } else { 1 };
        let times = self.times.div_ceil(2);
        if others >= times {
            Self { first: pixel, times: others, second: self.first, others: times }
        } else {
            Self { times, second: pixel, others, ..self }
        }
    }
}

impl HistoryStates {
    /// Groups of the times of the widest and the third template, a number below `GROUPS` squared.
    #[inline(always)]
    pub(crate) fn state(&self) -> usize {
        const GROUP: [u8; LONGEST as usize + 1] = [0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3];
        let group = |i: usize| usize::from(GROUP[self.0[i].times as usize & 15]);
        group(0) * GROUPS + group(2)
    }

    /// First pixels of the templates, then second ones, as far as they are known.
    #[inline(always)]
    pub(crate) fn pixels(&self) -> [Option<[u8; 3]>; 2 * TEMPLATES] {
        let mut pixels = [None; 2 * TEMPLATES];
        for i in 0..TEMPLATES {
            let state = &self.0[i];
            pixels[i] = (state.times > 0).then_some(state.first);
            pixels[TEMPLATES + i] = (state.others > 0).then_some(state.second);
        }
        pixels
    }

    /// The state of each template with regard to a candidate, below [`HISTORY_STATES`].
    #[inline(always)]
    pub(crate) fn state_indices(&self, pixel: [u8; 3]) -> [usize; TEMPLATES] {
        let mut state_indices = [0; TEMPLATES];
        for i in 0..TEMPLATES {
            let state = &self.0[i];
            let which = if state.times > 0 && state.first == pixel {
                0
            } else if state.others > 0 && state.second == pixel {
                1
            } else {
                2
            };
            state_indices[i] = ((state.times * 4 + state.others.min(3)) * 3) as usize + which;
        }
        state_indices
    }

    /// Forgets a pixel that it is not.
    #[inline(always)]
    pub(crate) fn refute(&mut self, pixel: [u8; 3]) {
        for i in 0..TEMPLATES {
            let state = &mut self.0[i];
            state.times = if state.first == pixel { 0 } else { state.times };
            state.others = if state.second == pixel { 0 } else { state.others };
        }
    }

    /// Whether any pixel of any template is known.
    #[inline(always)]
    pub(crate) fn known(&self) -> bool {
        let mut known = 0;
        for i in 0..TEMPLATES {
            known |= self.0[i].times | self.0[i].others;
        }
        known > 0
    }

    /// Forgets pixels that do not have this value in a channel.
    #[inline(always)]
    pub(crate) fn narrow(&mut self, channel: usize, value: u8) {
        for i in 0..TEMPLATES {
            let state = &mut self.0[i];
            state.times = if state.first[channel] == value { state.times } else { 0 };
            state.others = if state.second[channel] == value { state.others } else { 0 };
        }
    }
}

/// The check of an entry, never 0, which is that of a fresh entry.
#[inline(always)]
fn check(hash: u32) -> u64 {
    u64::from(hash as u8 | 1)
}
