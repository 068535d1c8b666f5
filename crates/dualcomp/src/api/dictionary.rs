//! Dictionaries: what bodies of one kind have in common, known before a stream begins.

use std::fmt;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;
use sha2::{Digest, Sha256};

use crate::codec::dictionary_work;
use crate::codec::v1::bytes::dictionary::{MODEL, Tables};
use crate::encoder::bytes::train_dictionary;
use crate::error::{Error, Result};
use crate::format::dictionary_file::DictionaryFile;
use crate::options::Level;
use crate::runtime::float_environment;
use crate::runtime::model_source::ModelSource;

/// Samples of bodies that are alike, prepared for streams to begin with: what the samples have in common costs such
/// streams hardly anything. The larger part of what short bodies take is what they repeat from others of their kind.
///
/// A stream that was made with a dictionary names it, and decodes only with it: keep the dictionary for as long as its
/// streams. Clones share everything, and streams only look at it, so one dictionary serves all threads.
///
/// ```
/// use dualcomp::{DecoderOptions, Dictionary, EncoderOptions, compress, decompress};
///
/// let answer = |id: u32| format!(r#"{{"id": {id}, "name": "sensor {id}", "unit": "celsius", "value": {}}}"#, id % 7);
/// let samples: Vec<String> = (0..20).map(answer).collect();
/// let dictionary = Dictionary::train(&samples, 64 << 10)?;
///
/// let body = answer(77);
/// let options = EncoderOptions::default().with_dictionary(dictionary.clone());
/// let stream = compress(body.as_bytes(), &options)?;
/// assert!(stream.len() < compress(body.as_bytes(), &Default::default())?.len() * 2 / 3);
/// let options = DecoderOptions::default().with_dictionary(dictionary);
/// assert_eq!(decompress(&stream, &options)?, body.as_bytes());
/// # Ok::<(), dualcomp::Error>(())
/// ```
///
/// # Cost
/// The first stream that needs a dictionary waits until the samples are coded, at about the speed of
/// [`compress`](crate::compress); [`prepare`](Self::prepare) does this beforehand. It is done once for a dictionary and
/// its clones, and again for streams with the network, without it, and with contexts of [`Level::Max`]. What is made
/// takes about 100 bytes of memory for each byte of the samples, from 1 MiB up to 180 MiB. A stream takes no more time
/// or memory than one without a dictionary.
///
/// # Security
/// Streams of secrets and of what an attacker chooses should not share a dictionary that holds either: the length of a
/// stream tells what its content has in common with the dictionary.
#[derive(Clone)]
pub struct Dictionary(Arc<Inner>);

struct Inner {
    digest: [u8; 32],
    model: [u8; 4],
    tables: Arc<Tables>,
}

impl Dictionary {
    /// Chooses samples, or parts of long ones, of at most `max` bytes together, whose strings are those of many other
    /// samples. Samples that are held out decide whether this is better than to take samples as they come.
    ///
    /// Takes about two microseconds a byte of the samples.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no sample that is not empty, or `max` is 0.
    pub fn train<S: AsRef<[u8]>>(samples: &[S], max: usize) -> Result<Self> {
        Self::train_with_progress(samples, max, |_, _| {}).map(|(dictionary, _)| dictionary)
    }

    /// As [`train`](Self::train); also says what the dictionary gained. `progress` is told steps of work and how many
    /// there are.
    ///
    /// # Errors
    /// As for [`train`](Self::train).
    pub fn train_with_progress<S: AsRef<[u8]>>(
        samples: &[S],
        max: usize,
        progress: impl FnMut(u64, u64),
    ) -> Result<(Self, Gain)> {
        let samples: Vec<&[u8]> = samples.iter().map(AsRef::as_ref).filter(|sample| !sample.is_empty()).collect();
        train_dictionary::train(&samples, max, progress)
    }

    /// Of exactly these samples. The last ones count most: contexts remember them best, and the network, if there is one,
    /// reads only the last 64 KiB.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the samples are empty, more than 65,536, or more than 16 MiB.
    pub fn from_samples<S: AsRef<[u8]>>(samples: &[S]) -> Result<Self> {
        DictionaryFile::new(MODEL, samples.iter().map(AsRef::as_ref)).map(Self::new)
    }

    /// Of any bytes, such as an older version of what is to be compressed. As [`from_samples`](Self::from_samples) with
    /// one sample.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are no bytes, or more than 16 MiB.
    pub fn from_raw(bytes: &[u8]) -> Result<Self> {
        Self::from_samples(&[bytes])
    }

    /// Reads the file of a dictionary, `.dcdict`, as [`to_bytes`](Self::to_bytes) writes it.
    ///
    /// # Errors
    /// [`Error::Format`] if it is none, is damaged, or has an unknown version.
    pub fn from_bytes(file: &[u8]) -> Result<Self> {
        DictionaryFile::parse(file).map(Self::new)
    }

    /// Whether bytes begin as the file of a dictionary does. Four bytes are enough.
    pub fn is_file(prefix: &[u8]) -> bool {
        DictionaryFile::is_one(prefix)
    }

    /// The same for streams whose network is another model's: that of a caller's
    /// [`Predictor`]. It has another id.
    #[must_use]
    pub fn with_model(&self, id: [u8; 4]) -> Self {
        let tables = &self.0.tables;
        Self::new(DictionaryFile { model: id, samples: tables.samples().to_vec(), ends: tables.ends().to_vec() })
    }

    fn new(file: DictionaryFile) -> Self {
        let digest = Sha256::digest(file.to_bytes()).into();
        let tables = Arc::new(Tables::new(file.samples, file.ends));
        Self(Arc::new(Inner { digest, model: file.model, tables }))
    }

    /// The file of the dictionary: its samples as they are, with their lengths and a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let tables = &self.0.tables;
        DictionaryFile { model: self.0.model, samples: tables.samples().to_vec(), ends: tables.ends().to_vec() }
            .to_bytes()
    }

    /// Names the dictionary in streams: the first bytes of the [`digest`](Self::digest).
    pub fn id(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0.digest;
        [a, b, c, d]
    }

    /// The SHA-256 of the file of the dictionary.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest
    }

    /// The model whose network its streams may use: the first bytes of the SHA-256 of the weights file.
    pub fn model(&self) -> [u8; 4] {
        self.0.model
    }

    /// The samples, in their order.
    pub fn samples(&self) -> impl Iterator<Item = &[u8]> {
        let tables = &self.0.tables;
        let starts = std::iter::once(0).chain(tables.ends().iter().copied());
        starts.zip(tables.ends()).map(|(start, &end)| &tables.samples()[start..end])
    }

    /// Codes the samples now, for streams of [`Level::Fast`], or of [`Level::Default`] with this library's own model; of
    /// [`Level::Max`] what both need. Else the first stream does it.
    ///
    /// # Errors
    /// [`Error::Model`] if the model fails; [`Error::Parameter`] if the dictionary is for another model, or if this
    /// thread rounds floating-point numbers in another way than streams are defined by.
    pub fn prepare(&self, level: Level) -> Result<()> {
        float_environment::check()?;
        let predictor = match level {
            Level::Fast => None,
            _ => ModelSource::Embedded.of_text(Some(self.model())),
        };
        let predictor = self.checked(predictor.as_ref())?;
        self.0.tables.prepared::<1>(predictor)?;
        if level != Level::Fast {
            // Streams of one block use both groups of contexts.
            self.0.tables.prepared::<2>(predictor)?;
        }
        if level == Level::Max {
            self.0.tables.prepared::<1>(None)?;
        }
        Ok(())
    }

    /// Units of work, as [`Limits::max_work`](crate::Limits::max_work) counts them, that preparing it for one form of streams
    /// takes at most. Forms differ in contexts, and in whether streams begin with the network.
    pub fn preparation_work(&self) -> u64 {
        let tables = self.tables();
        dictionary_work(tables, tables.params().with_second_group(), true)
    }

    /// Bytes of memory, roughly, that what is prepared for one form of streams takes. There are four forms.
    pub fn preparation_memory(&self) -> u64 {
        self.tables().memory() as u64
    }

    /// What coders begin with.
    pub(crate) fn tables(&self) -> &Arc<Tables> {
        &self.0.tables
    }

    /// The predictor, if it is the one that the dictionary is for.
    pub(crate) fn checked<'a>(&self, predictor: Option<&'a Arc<dyn Predictor>>) -> Result<Option<&'a dyn Predictor>> {
        match predictor {
            Some(predictor) if predictor.id() != self.0.model => {
                Err(Error::parameter("the dictionary is for another model"))
            }
            predictor => Ok(predictor.map(|predictor| &**predictor)),
        }
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Eq for Dictionary {}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.id();
        let id = format_args!("{a:02x}{b:02x}{c:02x}{d:02x}");
        f.debug_struct("Dictionary").field("id", &id).finish_non_exhaustive()
    }
}

/// What a dictionary gained on samples that were held out, at [`Level::Fast`]: bytes of their streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gain {
    /// Samples that were held out; they may be in the dictionary that came out of it all.
    pub held_out: usize,
    /// Their bytes.
    pub raw: u64,
    /// Without a dictionary.
    pub without: u64,
    /// With samples as they came, as many as fit.
    pub plain: u64,
    /// With those that were chosen.
    pub chosen: u64,
}
