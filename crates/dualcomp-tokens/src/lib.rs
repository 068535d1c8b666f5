//! Reversible maps between what a codec stores, bytes and pixels, and what a predictor sees of it.
//!
//! The `dualcomp` crate is made of it; alone it serves who trains a predictor or codes with one in another way. There
//! is no `std`, no dependency and no float.
//!
//! # Bytes
//!
//! A [`Vocabulary`] is a sorted list of byte strings, the tokens, of which every single byte is one: any input can be
//! cut, and nothing is normalised. Text is cut by the longest match from left to right. A token is spelled by binary
//! decisions along a tree over the sorted list. So a predictor gives a logit for each [`Node`], about a dozen a token, and
//! not a probability for each of thousands of tokens.
//!
//! ```
//! use dualcomp_tokens::{Branch, BYTE_TREE, Vocabulary};
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
//!
//! // The first token, decision by decision: an encoder gives them to a coder, a decoder gets them from one.
//! let mut at = vocabulary.root();
//! while let Branch::Node(number) = at {
//!     let (node, token) = (vocabulary.node(number), b"the ");
//!     let outcome = match BYTE_TREE.get(usize::from(node.byte_node)) {
//!         Some(byte) => token[usize::from(node.depth)] >= byte.split,
//!         None => token.len() == usize::from(node.depth), // whether the token ends
//!     };
//!     at = node.branches[usize::from(outcome)];
//! }
//! assert_eq!(at, Branch::Token(cut[0]));
//! # Ok::<(), dualcomp_tokens::VocabularyError>(())
//! ```
//!
//! Ids count up from 0; the mark that stands before a text is one more than the last ([`Vocabulary::start`]). Text
//! tokens and pixel values share one number space in this way, the *modality-unified tokenization* of the paper
//! [DualComp](https://arxiv.org/abs/2505.16256).
//!
//! # Pixels
//!
//! A [`Canvas`] holds a tile of up to three samples a pixel, 8 bits each, and borders that repeat what is known. Of a
//! pixel it gives the 18 [`NEIGHBOURS`] that are coded before it, and of those [`FEATURES`] numbers of type `i8`:
//! each neighbour's samples less the MED prediction (median edge detector of LOCO-I, Weinberger and others, 2000, and
//! of JPEG-LS, ITU-T T.87), on a scale that is finer near zero, then the prediction itself.
//!
//! ```
//! use dualcomp_tokens::{Canvas, FEATURES};
//!
//! let mut canvas = Canvas::new(2, 2);
//! canvas.set(0, 0, [10, 20, 30]);
//! canvas.set(0, 1, [12, 22, 32]);
//! canvas.set(1, 0, [11, 21, 31]);
//! let around = canvas.around(1, 1);
//! assert_eq!(around.med(), [12, 22, 32]);
//! let mut features = [0; FEATURES];
//! around.features(around.med(), &mut features);
//! assert_eq!(features[..3], [-5; 3]); // the pixel to the left, one below the prediction
//! ```
//!
//! # Errors, panics and cost
//!
//! The only error is [`VocabularyError`], of a list that is no vocabulary. Ids, numbers of decisions and places out of
//! range panic, as each method says. Cutting takes time in the logarithm of the vocabulary for each byte; a decision is
//! a look into a table, and the features of a pixel take about 20 ns. A vocabulary takes its bytes and 60 bytes for each
//! token, a canvas four bytes for each pixel.

#![no_std]

extern crate alloc;

mod byte_tree;
mod byteset;
mod canvas;
mod splits;
mod tree;
mod vocabulary;

pub use byte_tree::{BYTE_TREE, ByteBranch, ByteNode, GROUP_NODES, node_group};
pub use canvas::{CODER_FEATURES, Canvas, FEATURES, NEIGHBOURS, Neighbourhood, difference};
pub use tree::{Branch, Node};
pub use vocabulary::{Vocabulary, VocabularyError};
