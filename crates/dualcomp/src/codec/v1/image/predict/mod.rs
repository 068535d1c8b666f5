//! Predictions of a sample by its neighbours, and how far they were off.

pub(crate) mod least_squares;
pub(crate) mod local_error;
pub(crate) mod sub_predictors;
