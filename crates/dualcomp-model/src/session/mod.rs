//! Sessions: the states of a graph, and the integers that leave it.

pub(crate) mod graph;
mod image;
mod run;
mod sites;
mod text;

pub(crate) use image::Image;
pub(crate) use text::Text;
