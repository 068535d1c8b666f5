//! Range coding by asymmetric numeral systems with four states that take turns (docs/spec/fast.md, section 2).

/// Frequencies sum up to 2^15.
pub(super) const BITS: u32 = 15;
pub(super) const TOTAL: u32 = 1 << BITS;
/// States that take turns.
pub(super) const STATES: usize = 4;
/// States are at least this between two symbols, and below 2^63.
const MIN_STATE: u64 = 1 << 31;

/// Codes symbols in either direction: an interval of 0..[`TOTAL`] is a symbol. One type for both, so that the pipeline is
/// compiled once for each kind of processor; branches on it are always predicted.
pub(super) enum Coder<'a> {
    Encoder(Encoder),
    Decoder(Decoder<'a>),
}

impl Coder<'_> {
    #[inline(always)]
    pub(super) fn decodes(&self) -> bool {
        matches!(self, Self::Decoder(_))
    }

    /// A number in the interval of the next symbol; 0 of an encoder.
    #[inline(always)]
    pub(super) fn peek(&self, state: usize) -> u32 {
        match self {
            Self::Encoder(_) => 0,
            Self::Decoder(decoder) => decoder.peek(state),
        }
    }

    /// Codes the symbol whose interval begins at `start` and has a length of `frequency`, which is not 0.
    #[inline(always)]
    pub(super) fn code(&mut self, state: usize, start: u32, frequency: u32) {
        match self {
            Self::Encoder(encoder) => encoder.code(state, start, frequency),
            Self::Decoder(decoder) => decoder.code(state, start, frequency),
        }
    }

    /// What an encoder wrote; nothing of a decoder.
    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Encoder(encoder) => encoder.finish(),
            Self::Decoder(_) => Vec::new(),
        }
    }
}

/// Symbols are kept until the end, because they are encoded from the last to the first.
pub(super) struct Encoder(Vec<u32>);

impl Encoder {
    pub(super) fn new(symbols: usize) -> Self {
        Self(Vec::with_capacity(symbols))
    }

    fn finish(self) -> Vec<u8> {
        let mut states = [MIN_STATE; STATES];
        let mut words = Vec::with_capacity(self.0.len() / 3);
        for &symbol in self.0.iter().rev() {
            let (start, frequency) = (symbol & (TOTAL - 1), (symbol >> BITS & (TOTAL - 1)) + 1);
            let state = &mut states[(symbol >> (2 * BITS)) as usize];
            if *state >= u64::from(frequency) << 48 {
                words.push(*state as u32);
                *state >>= 32;
            }
            let (quotient, rest) = (*state / u64::from(frequency), *state % u64::from(frequency));
            *state = (quotient << BITS) + rest + u64::from(start);
        }
        for state in states.iter().rev() {
            words.push((state >> 32) as u32);
            words.push(*state as u32);
        }
        words.iter().rev().flat_map(|word| word.to_le_bytes()).collect()
    }
}

impl Encoder {
    #[inline(always)]
    fn code(&mut self, state: usize, start: u32, frequency: u32) {
        self.0.push(start | (frequency - 1) << BITS | (state as u32) << (2 * BITS));
    }
}

/// Words beyond the end of the data are 0.
pub(super) struct Decoder<'a> {
    states: [u64; STATES],
    words: std::slice::Iter<'a, [u8; 4]>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        let mut decoder = Self { states: [0; STATES], words: data.as_chunks().0.iter() };
        decoder.states = [(); STATES].map(|()| u64::from(decoder.word()) | u64::from(decoder.word()) << 32);
        decoder
    }

    #[inline(always)]
    fn word(&mut self) -> u32 {
        self.words.next().map_or(0, |word| u32::from_le_bytes(*word))
    }
}

impl Decoder<'_> {
    #[inline(always)]
    fn peek(&self, state: usize) -> u32 {
        self.states[state] as u32 & (TOTAL - 1)
    }

    #[inline(always)]
    fn code(&mut self, state: usize, start: u32, frequency: u32) {
        let x = self.states[state];
        // Of a state of damaged data only the lower bits matter.
        let mut x =
            u64::from(frequency).wrapping_mul(x >> BITS).wrapping_add(x & u64::from(TOTAL - 1)) - u64::from(start);
        if x < MIN_STATE {
            x = x << 32 | u64::from(self.word());
        }
        self.states[state] = x;
    }
}
