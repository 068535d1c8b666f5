//! The samples of a dictionary, coded as a substream of the full form.

use std::sync::{Arc, Mutex};

use dualcomp_entropy::predictor::Predictor;
use fearless_simd::Level;

use crate::codec::v1::bytes::contexts::Cursor;
use crate::codec::v1::bytes::dictionary::{NoLogits, Prepared};
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::codec::v1::bytes::substream::learned::Learned;
use crate::codec::v1::direction::Direction;
use crate::{Error, Result};

impl<const GROUPS: usize> SubstreamCoder<GROUPS> {
    /// Learns a sample of a dictionary; the network reads the second part of it.
    pub(crate) fn learn(&mut self, (first, second): (&[u8], &[u8]), predictor: Option<&dyn Predictor>) -> Result<()> {
        let Learned { history, cursor, token, .. } = &mut self.learned;
        history.open(first.len() + second.len(), usize::MAX);
        (*cursor, *token) = (Cursor::new(), None);
        for (part, reads) in [(first, false), (second, true)] {
            if part.is_empty() {
                continue;
            }
            if let Some(predictor) = predictor {
                let session = if reads { predictor.text(1).map_err(Error::Model)? } else { Box::new(NoLogits) };
                self.session = Some(Mutex::new(session));
            }
            self.piece(Level::new(), predictor, part.len(), &mut Direction::encode(), Some(part))?;
        }
        Ok(())
    }

    /// What a dictionary keeps.
    pub(crate) fn into_dictionary(self) -> Prepared<GROUPS> {
        let Learned { history, mixing, token_match, .. } = self.learned;
        Prepared { history: Arc::new(history.into_dictionary()), mixing: mixing.into_dictionary(), token_match }
    }
}
