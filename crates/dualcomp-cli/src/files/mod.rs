//! Files and standard streams: what is read, where results go, and what is left after an accident.

mod descriptors;
mod destination;
mod input;
mod links;
mod needed;
mod output;
pub(crate) mod signals;
mod sparse;
mod walk;

pub(crate) use descriptors::{is_descriptor, is_stdout};
pub(crate) use destination::Destination;
pub(crate) use input::{Attributes, Input};
pub(crate) use links::{is_same, other_names};
pub(crate) use needed::{need, needed};
pub(crate) use output::{Manner, Output};
pub(crate) use walk::{Found, expand, expand_whole};
