//! What the coefficients and the tables do not tell about an entropy-coded segment.

use alloc::vec::Vec;

use crate::runs::Habit;

/// The exceptions of a scan. An ordinary one has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notes {
    /// Whether the segment is made of coefficients. Otherwise it is left in the skeleton.
    pub(crate) coded: bool,
    /// The bits that complete a byte.
    pub(crate) padding: bool,
    /// The number of blocks after which the segment breaks off. What follows is left in the skeleton.
    pub(crate) blocks: Option<u32>,
    /// Which restarts are not as usual: the marker's last three bits, or [`NO_RESTART`].
    pub(crate) restarts: Vec<(u32, u8)>,
    /// Which bytes are completed in another way, and by which bits.
    pub(crate) paddings: Vec<(u32, u8)>,
    /// Which blocks have runs of 16 zeros behind their last coefficient, and how many.
    pub(crate) zero_runs: Vec<(u32, u8)>,
    /// How runs of empty blocks are cut.
    pub(crate) habit: Habit,
    /// Which blocks continue a run where the habit would cut it, or the other way round.
    pub(crate) cuts: Vec<u32>,
}

/// A restart that is not there.
pub(crate) const NO_RESTART: u8 = 8;

impl Notes {
    /// Of a scan with nothing special.
    pub(crate) const USUAL: Self = Self {
        coded: true,
        padding: true,
        blocks: None,
        restarts: Vec::new(),
        paddings: Vec::new(),
        zero_runs: Vec::new(),
        habit: Habit::LIBJPEG,
        cuts: Vec::new(),
    };

    /// Of a scan that is left in the skeleton.
    pub(crate) fn raw() -> Self {
        Self { coded: false, ..Self::USUAL }
    }

    /// Bytes of memory that these take.
    pub(crate) fn bytes(&self) -> u64 {
        let pairs = self.restarts.len() + self.paddings.len() + self.zero_runs.len();
        (size_of::<Self>() + pairs * size_of::<(u32, u8)>() + self.cuts.len() * size_of::<u32>()) as u64
    }

    /// The number of exceptions.
    pub(crate) fn len(&self) -> usize {
        self.restarts.len() + self.paddings.len() + self.zero_runs.len() + self.cuts.len()
    }
}

/// Looks exceptions up, in their order.
pub(crate) struct Listed<'a, T> {
    rest: &'a [T],
}

impl<'a, T> Listed<'a, T> {
    pub(crate) fn new(list: &'a [T]) -> Self {
        Self { rest: list }
    }
}

impl Listed<'_, (u32, u8)> {
    /// What is listed for a number.
    #[inline(always)]
    pub(crate) fn find(&mut self, number: u32) -> Option<u8> {
        match self.rest {
            [(first, value), rest @ ..] if *first == number => {
                self.rest = rest;
                Some(*value)
            }
            _ => None,
        }
    }
}

impl Listed<'_, u32> {
    /// Whether a number is listed.
    #[inline(always)]
    pub(crate) fn has(&mut self, number: u32) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == number => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}
