//! A model that knows nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use dualcomp::Vocabulary;
use dualcomp::predictor::{Depth, ImageSession, Mixture, PredictorError, Site, TextSession};

use super::*;

/// Knows nothing, but counts its sessions, and the pixels that these see.
pub(super) struct Ignorant {
    id: [u8; 4],
    vocabulary: Vocabulary,
    sessions: AtomicUsize,
    pub(super) pixels: Arc<AtomicUsize>,
    fails: bool,
}

impl Ignorant {
    pub(super) fn new(id: u8, fails: bool) -> Arc<Self> {
        let vocabulary = Vocabulary::bytes_only();
        Arc::new(Self { id: [id; 4], vocabulary, sessions: AtomicUsize::new(0), pixels: Arc::default(), fails })
    }

    pub(super) fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    fn open(&self) -> std::result::Result<Box<Session>, PredictorError> {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        if self.fails {
            Err("out of order".into())
        } else {
            Ok(Box::new(Session { pixels: 0, seen: self.pixels.clone() }))
        }
    }
}

impl Predictor for Ignorant {
    fn id(&self) -> [u8; 4] {
        self.id
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn text(&self, _: usize) -> std::result::Result<Box<dyn TextSession + Send>, PredictorError> {
        Ok(self.open()?)
    }

    fn image(&self, _: Depth, _: usize) -> std::result::Result<Box<dyn ImageSession + Send>, PredictorError> {
        Ok(self.open()?)
    }
}

struct Session {
    pixels: usize,
    seen: Arc<AtomicUsize>,
}

impl TextSession for Session {
    fn advance(&mut self, _: &[u32], _: &[u32]) -> std::result::Result<(), PredictorError> {
        Ok(())
    }

    fn logit(&self, _: u32, _: u32) -> i32 {
        0
    }
}

impl ImageSession for Session {
    fn advance(&mut self, sites: &[Site], _: &[i8]) -> std::result::Result<(), PredictorError> {
        self.pixels = sites.len();
        self.seen.fetch_add(sites.len(), Ordering::Relaxed);
        Ok(())
    }

    fn mixtures(
        &mut self,
        _: usize,
        _: &[[i16; 2]],
        out: &mut Vec<Mixture>,
    ) -> std::result::Result<(), PredictorError> {
        out.clear();
        out.resize(self.pixels, Mixture { scales: [40; 5], ..Mixture::default() });
        Ok(())
    }
}
