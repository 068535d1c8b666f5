//! Reversible maps between what a codec stores and what a predictor sees.
//!
//! - [`Vocabulary`]: byte strings as tokens. Every single byte is a token, so any input has a segmentation, and
//!   nothing is normalised. A token is spelled by binary decisions along a tree over the sorted vocabulary, which
//!   lets a predictor answer with one logit per decision instead of one probability per token.
//! - [`Canvas`]: the pixels of a tile with their borders, and the causal neighbourhood of each as `i8` features.
//!
//! Text tokens, pixel values and modality marks share one number space (paper: modality-unified tokenization):
//! tokens come first, the text mark is [`Vocabulary::start`].
//!
//! ```
//! use dualcomp_tokens::Vocabulary;
//!
//! let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
//! tokens.push(b"the ".to_vec());
//! tokens.sort();
//! let vocabulary = Vocabulary::new(tokens)?;
//!
//! let mut cut = Vec::new();
//! vocabulary.cut(b"the thin", &mut cut);
//! let spelled: Vec<&[u8]> = cut.iter().map(|&id| vocabulary.token(id)).collect();
//! assert_eq!(spelled, [&b"the "[..], b"t", b"h", b"i", b"n"]);
//! # Ok::<(), dualcomp_tokens::VocabularyError>(())
//! ```
//!
//! The only error is that of a list that is no vocabulary. Cutting takes time in the logarithm of the vocabulary for
//! each byte; what a codec asks for each decision is a look into a table.
#![no_std]

extern crate alloc;

mod canvas;
mod code;
mod splits;
mod tree;
mod vocabulary;

pub use canvas::{Around, Canvas, FEATURES, NEIGHBOURS, difference};
pub use code::{FORKS, Fork, LINE_FORKS, LINES, Way, line};
pub use tree::{Branch, Node};
pub use vocabulary::{Vocabulary, VocabularyError};
