//! The bytes of a tile as planes.

use crate::format::image::tile_grid::TileShape;

/// Which planes a tile has: the upper bytes of its colours, of its opacity, then low bytes in the same order.
pub(crate) struct PlaneLayout {
    pub(crate) width: usize,
    pub(crate) height: usize,
    channels: usize,
    /// Bytes of a sample.
    depth: usize,
}

impl PlaneLayout {
    pub(crate) fn new(shape: TileShape) -> Self {
        let (channels, depth) = (shape.color.channels(), shape.color.bytes_per_sample());
        Self { width: shape.width as usize, height: shape.height as usize, channels, depth }
    }

    /// Planes predicted by the network: 1 or 3.
    pub(crate) fn colors(&self) -> usize {
        if self.channels < 3 { 1 } else { 3 }
    }

    pub(crate) fn planes(&self) -> usize {
        self.channels * self.depth
    }

    /// The plane of upper bytes that belongs to a plane of low ones.
    pub(crate) fn high_of(&self, plane: usize) -> Option<usize> {
        plane.checked_sub(self.channels)
    }

    /// Offset of a plane's byte among the bytes of a pixel.
    fn offset(&self, plane: usize) -> usize {
        plane % self.channels * self.depth + plane / self.channels
    }

    fn stride(&self) -> usize {
        self.channels * self.depth
    }
}

pub(crate) fn split(raw: &[u8], layout: &PlaneLayout) -> Vec<Vec<u8>> {
    let plane = |p| raw.iter().skip(layout.offset(p)).step_by(layout.stride()).copied().collect();
    (0..layout.planes()).map(plane).collect()
}

pub(crate) fn join(planes: &[Vec<u8>], layout: &PlaneLayout) -> Vec<u8> {
    let mut raw = vec![0; layout.width * layout.height * layout.stride()];
    for (p, plane) in planes.iter().enumerate() {
        for (to, from) in raw.iter_mut().skip(layout.offset(p)).step_by(layout.stride()).zip(plane) {
            *to = *from;
        }
    }
    raw
}
