//! Every call into the `dualcomp` library, so that the rest deals with files and words only.

mod dictionary;
mod image;
mod memory;
mod model;
mod settings;
mod stream;
mod summary;

pub(crate) use dualcomp::{Dictionary, KeepFile, Kind};
use dualcomp::{Error, FormatErrorKind};

use crate::terminal::Failure;
pub(crate) use dictionary::{describe, read_dictionary, train_dictionary};
pub(crate) use image::{decode_picture, encode_image_file, encode_picture};
pub(crate) use memory::{content_coding, is_body_of, pack, pack_body, unpack};
pub(crate) use model::use_model;
pub(crate) use settings::{Level, Settings};
pub(crate) use stream::{decode_bytes, encode_bytes};
pub(crate) use summary::{Summary, summary};

/// How many first bytes [`detect`] wants to see.
pub(crate) const SIGNATURE: u64 = 16;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => error.into(),
            Error::UnknownDictionary { .. } => Self::Message(format!("{error}: name it with --dictionary")),
            other => Self::Message(other.to_string()),
        }
    }
}

/// The version of the stream format and the id of the model inside, on two lines.
pub(crate) fn version_text() -> String {
    let id = model::named().map(|model| model.id()).or_else(dualcomp::embedded_model);
    let model = id.map_or_else(|| "none".to_owned(), hexadecimal);
    format!("format {}\nmodel {model}", dualcomp::FORMAT_VERSION)
}

/// What kind of DualComp file begins with `prefix`, if any.
pub(crate) fn detect(prefix: &[u8]) -> Option<Kind> {
    dualcomp::detect(prefix)
}

/// What a file is that is of no kind: damaged, of a later version, a dictionary, or something else. Of files that were
/// found in folders the last two are passed over.
pub(crate) fn check_unknown(prefix: &[u8], walked: bool) -> Result<(), Failure> {
    let error = match dualcomp::inspect(prefix) {
        Err(Error::Format(error)) if prefix.starts_with(b"\x89DC") => Some(error),
        _ => None,
    };
    match error.filter(|error| error.kind() != FormatErrorKind::NotDualComp) {
        Some(error) if !(walked && Dictionary::is_file(prefix)) => Err(Error::Format(error).into()),
        _ if walked => Ok(()),
        _ => Err("not a DualComp file".to_owned().into()),
    }
}

fn hexadecimal(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}
