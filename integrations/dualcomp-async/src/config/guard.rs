//! What goes with a codec.

use std::fmt;
use std::sync::Arc;

/// What goes with a codec and is dropped after it.
#[derive(Clone)]
pub(crate) struct Guard {
    _kept: Arc<dyn Send + Sync>,
}

impl Guard {
    pub(super) fn new(kept: impl Send + Sync + 'static) -> Option<Self> {
        Some(Self { _kept: Arc::new(kept) })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

/// What is called between blocks.
#[derive(Clone)]
pub(crate) struct Hook(Arc<dyn Fn() + Send + Sync>);

impl Hook {
    pub(super) fn new(hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn call(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}
