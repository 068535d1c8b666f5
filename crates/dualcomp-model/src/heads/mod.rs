//! The ends of the network: the logit of a decision of text, and the mixtures of a channel of pixels.

mod limits;
pub(crate) mod mixtures;
pub(crate) mod token;
