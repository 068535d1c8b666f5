//! Documents, each coded as one substream.

#[cfg(feature = "__train")]
use dualcomp_entropy::RangeEncoder;
use dualcomp_entropy::predictor::Predictor;
use dualcomp_entropy::{BitCoder, Number, Prior};
use fearless_simd::Level;

use crate::Result;
use crate::codec::v1::bytes::contexts::{CONTEXTS, Cursor};
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::light::LightCoder;
#[cfg(feature = "__train")]
pub use crate::codec::v1::bytes::light::learn::{Outcomes, first_logits, no_outcomes};
use crate::codec::v1::bytes::pretrained::Pretrained;
use crate::codec::v1::bytes::substream::NetworkPrefix;
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::codec::v1::direction::Direction;
use crate::format::bytes_params::BytesParams;

/// Numbers, at the end of what was learned of bytes, that are common to all priors of bytes: the APM by bytes.
pub const BY_BYTE_NUMBERS: usize = crate::codec::v1::bytes::BY_BYTE_NUMBERS;

/// What a document is coded with.
#[derive(Clone)]
pub struct DocumentSetup<'a> {
    /// Logarithm of the counters of the context table.
    pub table_log2: u8,
    /// With contexts of the second group too.
    pub wide: bool,
    /// In the light form, without a network.
    pub light: bool,
    /// What the coder begins with; what it lacks is as fresh.
    pub prior: Prior<'a>,
    /// The counts of pretrained contexts, in place of those of the codec.
    pub pretrained: Option<&'static [u8]>,
    /// The network, for all of the document.
    pub predictor: Option<&'a dyn Predictor>,
}

/// Codes a document and returns what was learned, in the order of a prior.
///
/// # Errors
/// If the network fails.
pub fn code_document(document: &[u8], setup: DocumentSetup<'_>, coder: &mut dyn BitCoder) -> Result<Vec<Number>> {
    if setup.light {
        return code_light(document, setup, coder);
    }
    if setup.wide { code::<2>(document, setup, coder) } else { code::<1>(document, setup, coder) }
}

fn code<const GROUPS: usize>(
    document: &[u8],
    setup: DocumentSetup<'_>,
    coder: &mut dyn BitCoder,
) -> Result<Vec<Number>> {
    let DocumentSetup { table_log2, wide, mut prior, pretrained, predictor, .. } = setup;
    let params = BytesParams::new(table_log2);
    let pretrained = pretrained.map_or_else(Pretrained::embedded, Pretrained::new);
    let mut substream = SubstreamCoder::<GROUPS>::new(if wide { params.with_second_group() } else { params });
    substream.begin_with(&mut prior, pretrained, predictor.is_some());
    let prefix = predictor.map(|predictor| NetworkPrefix { predictor, len: usize::MAX });
    substream.code(Level::new(), prefix, document.len(), &mut Direction::Tell(coder), Some(document))?;
    let mut numbers = Vec::new();
    substream.save(&mut numbers);
    Ok(numbers)
}

fn code_light(document: &[u8], setup: DocumentSetup<'_>, coder: &mut dyn BitCoder) -> Result<Vec<Number>> {
    let mut light = light(&setup);
    light.code(Level::new(), document.len(), &mut Direction::Tell(coder), Some(document))?;
    let mut numbers = Vec::new();
    light.save(&mut numbers);
    Ok(numbers)
}

fn light(setup: &DocumentSetup<'_>) -> LightCoder {
    let pretrained = setup.pretrained.map_or_else(Pretrained::embedded, Pretrained::new);
    let params = BytesParams::new(setup.table_log2).in_light_form();
    let mut light = LightCoder::new(params);
    light.begin_with(&mut setup.prior.clone(), params, pretrained);
    light
}

/// How often a 0 and a 1 followed each state of each context of the light form, in a document in addition to those before.
///
/// # Errors
/// If the thread rounds otherwise than streams are defined by.
#[cfg(feature = "__train")]
pub fn count_outcomes(document: &[u8], setup: &DocumentSetup<'_>, before: Box<Outcomes>) -> Result<Box<Outcomes>> {
    let mut light = light(setup);
    light.count(before);
    light.code(Level::new(), document.len(), &mut RangeEncoder::new(), Some(document))?;
    Ok(light.counted().unwrap_or_else(|| unreachable!("given above")))
}

/// The hashes of the contexts of the first group at each byte of a document, as if nothing were expected.
pub struct ContextHashes {
    cursor: Cursor<1>,
    history: History,
}

impl ContextHashes {
    /// For documents that come one after the other.
    #[allow(clippy::new_without_default, reason = "one way to make it is enough")]
    pub fn new() -> Self {
        Self { cursor: Cursor::new(), history: History::new(12, 1) }
    }

    /// Begins a document of so many bytes.
    pub fn open(&mut self, len: usize) {
        self.cursor = Cursor::new();
        self.history.open(len, 0);
        self.cursor.open(self.history.len());
    }

    /// The hashes for the next byte, before which so many bytes of its token stand.
    pub fn hashes(&self, depth: u8) -> [u32; CONTEXTS] {
        self.cursor.first_group(depth, &self.history)
    }

    /// Appends a byte, with which a token may start.
    pub fn push(&mut self, byte: u8, starts: bool) {
        self.cursor.push(byte, starts, &mut self.history);
    }
}
