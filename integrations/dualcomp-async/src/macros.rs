//! What the types of both runtimes have in common.

/// Defines an adapter: a reader or writer with a machine, and the ways to reach what is inside.
macro_rules! adapter {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident<$inner:ident>($machine:ty)) => {
        pin_project_lite::pin_project! {
            $(#[$doc])*
            #[derive(Debug)]
            $visibility struct $name<$inner> {
                #[pin]
                inner: $inner,
                machine: $machine,
            }
        }

        impl<$inner> $name<$inner> {
            /// What is below.
            $visibility fn get_ref(&self) -> &$inner {
                &self.inner
            }

            /// What is below. Reading or writing the compressed side there damages the stream.
            $visibility fn get_mut(&mut self) -> &mut $inner {
                &mut self.inner
            }

            /// What is below, pinned. Reading or writing the compressed side there damages the stream.
            $visibility fn get_pin_mut(self: std::pin::Pin<&mut Self>) -> std::pin::Pin<&mut $inner> {
                self.project().inner
            }

            /// What is below; what is still inside the codec is lost.
            $visibility fn into_inner(self) -> $inner {
                self.inner
            }
        }
    };
}
pub(crate) use adapter;

/// The constructors of an encoder.
macro_rules! encoder_constructors {
    ($name:ident<$inner:ident: $bound:ident>, $machine:ident) => {
        impl<$inner: $bound> $name<$inner> {
            /// Compresses with the default settings.
            pub fn new(inner: $inner) -> Self {
                Self::with_config(inner, Default::default())
            }

            /// Compresses at this level.
            pub fn with_level(inner: $inner, level: dualcomp::Level) -> Self {
                Self::with_config(inner, crate::EncoderConfig::default().with_level(level))
            }

            /// Compresses as `config` says.
            pub fn with_config(inner: $inner, config: crate::EncoderConfig) -> Self {
                let (offload, flush) = (config.offload.clone(), config.flush);
                Self { inner, machine: $machine::new(crate::codecs::DualCompEncoder::new(config), offload, flush) }
            }
        }
    };
}
pub(crate) use encoder_constructors;

/// The constructors of a decoder, and its option.
macro_rules! decoder_constructors {
    ($name:ident<$inner:ident: $bound:ident>, $machine:ident) => {
        impl<$inner: $bound> $name<$inner> {
            /// Decompresses one stream with the default settings.
            pub fn new(inner: $inner) -> Self {
                Self::with_config(inner, Default::default())
            }

            /// Decompresses as `config` says.
            pub fn with_config(inner: $inner, config: crate::DecoderConfig) -> Self {
                let (offload, multiple) = (config.offload.clone(), config.multiple_members);
                Self { inner, machine: $machine::new(crate::codecs::DualCompDecoder::new(config), offload, multiple) }
            }
        }

        impl<$inner> $name<$inner> {
            /// Whether streams that follow each other decode as one. If not, which is the default, what follows
            /// the first stream is left alone.
            pub fn multiple_members(&mut self, enabled: bool) {
                self.machine.multiple_members(enabled);
            }
        }
    };
}
pub(crate) use decoder_constructors;
