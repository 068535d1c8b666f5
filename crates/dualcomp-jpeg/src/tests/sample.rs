//! Small files, made from coefficients that a seed gives.

use alloc::vec;
use alloc::vec::Vec;

use crate::notes::Notes;
use crate::rebuild::assemble;
use crate::{Coefficients, Limits, Rebuild};

/// A file under construction: segments one after the other, and the notes of the scans among them.
pub(super) struct Sample {
    pub(super) skeleton: Vec<u8>,
    pub(super) notes: Vec<Notes>,
    pub(super) coefficients: Option<Coefficients>,
    seed: u64,
}

impl Sample {
    /// A file of the frame type (the marker's last byte), size, and components' sampling factors, with quantization
    /// tables and Huffman tables that have all symbols.
    pub(super) fn new(frame: u8, width: u16, height: u16, factors: &[u8]) -> Self {
        let mut sample = Self { skeleton: vec![0xFF, 0xD8], notes: Vec::new(), coefficients: None, seed: 1 };
        sample.segment(0xDB, &[&[0][..], &(1..=64).collect::<Vec<u8>>()].concat());
        let [w1, w0] = width.to_be_bytes();
        let [h1, h0] = height.to_be_bytes();
        let mut header = vec![8, h1, h0, w1, w0, factors.len() as u8];
        for (id, &factor) in (1..).zip(factors) {
            header.extend([id, factor, 0]);
        }
        sample.segment(frame, &header);
        for class in [0x00, 0x10] {
            // 255 codes of eight bits would leave none for the last symbol: so 254, and two of nine bits.
            let mut table = vec![class, 0, 0, 0, 0, 0, 0, 0, 254, 2, 0, 0, 0, 0, 0, 0, 0];
            table.extend(0..=255);
            sample.segment(0xC4, &table);
        }
        sample
    }

    pub(super) fn segment(&mut self, marker: u8, content: &[u8]) {
        self.skeleton.extend([0xFF, marker]);
        self.skeleton.extend((content.len() as u16 + 2).to_be_bytes());
        self.skeleton.extend_from_slice(content);
    }

    /// A scan header of components and the band: first, last, bits above and below.
    pub(super) fn scan(&mut self, components: &[u8], band: [u8; 3]) -> &mut Notes {
        let mut header = vec![components.len() as u8];
        header.extend(components.iter().flat_map(|&id| [id, 0]));
        header.extend(band);
        self.segment(0xDA, &header);
        self.notes.push(Notes::USUAL);
        let last = self.notes.len() - 1;
        &mut self.notes[last]
    }

    pub(super) fn number(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    /// Coefficients of which about one in `sparsity` is not zero.
    pub(super) fn fill(&mut self, sparsity: u64) {
        let made = Rebuild { skeleton: self.skeleton.clone(), notes: Vec::new(), file_len: 0 };
        let mut coefficients = made.layout(&Limits::default()).unwrap();
        let alone = coefficients.components.len() == 1;
        for component in &mut coefficients.components {
            let wide = component.blocks_wide as usize;
            let real = (component.real_wide as usize, component.real_high as usize);
            component.coefficients = vec![0; 64 * component.blocks()];
            for (place, block) in component.coefficients.chunks_exact_mut(64).enumerate() {
                block[0] = self.number(200) as i16 - 100;
                for value in &mut block[1..] {
                    // Blocks beside the picture are not in scans of one component.
                    let inside = alone || place % wide < real.0 && place / wide < real.1;
                    if inside && self.number(sparsity) == 0 {
                        let size = self.number(10);
                        *value = self.number(2 << size) as i16 - (1 << size);
                    }
                }
            }
        }
        self.coefficients = Some(coefficients);
    }

    /// The end of the image.
    pub(super) fn end(&mut self) {
        self.skeleton.extend([0xFF, 0xD9]);
    }

    /// The file.
    pub(super) fn file(&self) -> Vec<u8> {
        let made = Rebuild { skeleton: self.skeleton.clone(), notes: self.notes.clone(), file_len: 1 << 24 };
        assemble(self.coefficients.as_ref().unwrap(), &made).unwrap()
    }
}
