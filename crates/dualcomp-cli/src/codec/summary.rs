//! What compressed files say about themselves.

use std::io::Read;

use dualcomp::{ChunkKind, Kind};
use serde::Serialize;

use super::hexadecimal;
use crate::terminal::Failure;

/// What a compressed file says about itself.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// "image", "image file" or "bytes".
    pub(crate) kind: &'static str,
    /// How many streams follow each other in the file.
    pub(crate) streams: usize,
    /// In hexadecimal; none where no block needs a model.
    pub(crate) model: Option<String>,
    /// In hexadecimal; none where no block needs one. It says which model blocks need.
    pub(crate) dictionary: Option<String>,
    #[serde(flatten)]
    pub(crate) image: Option<ImageSummary>,
    /// Length of what was compressed: samples of an image, else bytes.
    pub(crate) raw_bytes: u64,
    /// Length of the compressed file.
    pub(crate) coded_bytes: u64,
    pub(crate) chunks: Vec<ChunkSummary>,
}

/// What only images have.
#[derive(Debug, Serialize)]
pub(crate) struct ImageSummary {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) color: String,
    pub(crate) subpixels: u64,
    /// The names of the metadata.
    pub(crate) metadata: Vec<String>,
}

/// One chunk of a file.
#[derive(Debug, Serialize)]
pub(crate) struct ChunkSummary {
    pub(crate) kind: String,
    /// What a chunk of metadata holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<String>,
    /// Where it begins, in bytes from the start of the file.
    pub(crate) offset: u64,
    /// Bytes it decodes to; 0 for chunks that hold no data.
    pub(crate) raw_bytes: u64,
    /// Bytes it takes in the file.
    pub(crate) coded_bytes: u64,
}

impl Summary {
    /// The kinds of the chunks that hold data, in the order in which they first come.
    pub(crate) fn coding(&self) -> String {
        let mut kinds: Vec<&str> = Vec::new();
        for chunk in &self.chunks {
            let kind = chunk.kind.as_str();
            if chunk.raw_bytes > 0 && chunk.metadata.is_none() && kind != METADATA && !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if kinds.is_empty() { "empty".to_owned() } else { kinds.join("+") }
    }
}

const METADATA: &str = "metadata";

/// What a compressed file says about itself.
pub(crate) fn summary(input: impl Read) -> Result<Summary, Failure> {
    let found = dualcomp::inspect(input)?;
    // No decoder takes such a file.
    if found.streams.len() > 1 && found.streams.iter().any(|stream| stream.kind == Kind::Image) {
        return Err("holds an image and something else beside it".to_owned().into());
    }
    let chunks = || found.streams.iter().flat_map(|stream| &stream.chunks);
    let name = |chunk: &dualcomp::ChunkInfo| match (chunk.kind, chunk.metadata) {
        (Some(ChunkKind::Metadata), Some(kind)) => Some(kind.to_string()),
        (Some(ChunkKind::Metadata), None) => Some("unknown".to_owned()),
        _ => None,
    };
    Ok(Summary {
        kind: match found.streams.first().map(|stream| stream.kind) {
            Some(Kind::Image) => "image",
            Some(Kind::ImageFile) => "image file",
            _ => "bytes",
        },
        streams: found.streams.len(),
        model: found.streams.iter().find_map(|stream| stream.model).map(hexadecimal),
        dictionary: found.streams.iter().find_map(|stream| stream.dictionary).map(hexadecimal),
        image: found.streams.iter().find_map(|stream| stream.image).map(|info| ImageSummary {
            width: info.width,
            height: info.height,
            color: format!("{:?}", info.color),
            subpixels: info.pixels() * info.color.channels() as u64,
            metadata: chunks().filter_map(name).collect(),
        }),
        raw_bytes: found.streams.iter().map(|stream| stream.raw_len).sum(),
        coded_bytes: found.streams.iter().map(|stream| stream.coded_len).sum(),
        chunks: chunks()
            .map(|chunk| ChunkSummary {
                kind: chunk.kind.map_or_else(|| format!("unknown ({})", chunk.code), |kind| kind.to_string()),
                metadata: name(chunk),
                offset: chunk.offset,
                raw_bytes: chunk.raw_len,
                coded_bytes: chunk.coded_len,
            })
            .collect(),
    })
}
