//! What a network is trained beside: the logits of the coder, where the network says nothing.

use dualcomp::Error;
use dualcomp_entropy::Prior;
use dualcomp_tokens::Vocabulary;

use crate::document_logits::{NullPredictor, document_logits};
use crate::priors::{Contexts, Sample, learn};
use crate::tile_logits::tile_logits;

/// What the contexts say of each decision of documents: passes on the tokens of each, and the logit of a 1 of each
/// decision on their paths, in 20/256 nat, or -128 where it is not coded. The coder begins with the prior that it learns
/// from samples, and with these pretrained contexts, which stay in memory. `wide` is for contexts of the second group too.
///
/// # Errors
/// If there is a model and it fails.
pub fn logits_of_documents(
    documents: &[&[u8]],
    samples: impl ExactSizeIterator<Item = Sample>,
    vocabulary: Vocabulary,
    pretrained: Vec<u8>,
    wide: bool,
    mut each: impl FnMut(&[u32], &[i8]),
) -> Result<(), Error> {
    let pretrained: Option<&'static [u8]> = Some(pretrained.leak());
    let network = NullPredictor::new(vocabulary);
    let prior = learn(samples, Some(&network), if wide { Contexts::Wide } else { Contexts::Usual }, pretrained)?;
    let mut tokens = Vec::new();
    for document in documents {
        tokens.clear();
        let logits = document_logits(document, wide, &network, &prior, pretrained, &mut tokens)?;
        each(&tokens, &logits);
    }
    Ok(())
}

/// What contexts and regression say of each decision of tiles, eight bits red, green and blue: passes on how many
/// decisions each sample of a tile takes, row by row, and the logit of a 1 of each decision, in 20/256 nat. The coder begins
/// with the priors that it learns from samples, one of few contexts for tiles that repeat nothing.
///
/// # Errors
/// If there is a model and it fails.
pub fn logits_of_tiles<'a>(
    tiles: impl Iterator<Item = &'a [u8]>,
    size: (u32, u32),
    samples: impl ExactSizeIterator<Item = Sample> + Clone,
    vocabulary: Vocabulary,
    mut each: impl FnMut(&[u8], &[i8]),
) -> Result<(), Error> {
    let network = NullPredictor::new(vocabulary);
    let prior = |contexts| learn(samples.clone(), Some(&network), contexts, None);
    let (all, photo) = (prior(Contexts::Usual)?, prior(Contexts::Photo)?);
    for raw in tiles {
        let priors = [&all, &photo].map(|prior| Prior::new(prior));
        let (counts, logits) = tile_logits(raw, size, &network, priors)?;
        each(&counts, &logits);
    }
    Ok(())
}
