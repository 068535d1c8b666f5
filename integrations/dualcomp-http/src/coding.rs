//! The names of the coding.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use dualcomp::FORMAT_VERSION;
use dualcomp::predictor::Predictor;
use http::HeaderValue;

/// A content coding (RFC 9110, section 8.4.1) of this library.
///
/// Negotiation carries nothing but a token, so the token says all that both sides must agree on: the version of the
/// format, and the model if streams may need one.
///
/// | token | streams |
/// |---|---|
/// | `dualcomp-1` | need no model |
/// | `dualcomp-1-d` | need the dictionary that the request names |
/// | `dualcomp-1-9f86d081` | may need the model with this id, the first bytes of the SHA-256 of its weights |
///
/// Peers with different models still have `dualcomp-1` in common. The names are not registered with IANA: they are
/// for clients and servers that both have this library.
///
/// ```
/// use dualcomp_http::Coding;
///
/// assert_eq!(Coding::without_model().to_string(), "dualcomp-1");
/// let coding: Coding = "DualComp-1-9F86d081".parse()?;
/// assert_eq!(coding, Coding::with_model([0x9f, 0x86, 0xd0, 0x81]));
/// assert_eq!(coding.to_string(), "dualcomp-1-9f86d081");
/// # Ok::<(), dualcomp_http::UnknownCoding>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coding {
    model: Option<[u8; 4]>,
    dictionary: bool,
}

impl Coding {
    /// Streams that need no model.
    pub fn without_model() -> Self {
        Self { model: None, dictionary: false }
    }

    /// Streams that may need the model with this id.
    pub fn with_model(id: [u8; 4]) -> Self {
        Self { model: Some(id), dictionary: false }
    }

    /// Streams that need the dictionary that the request names, and the model that this names; see
    /// [`dictionary`](crate::dictionary).
    pub fn with_dictionary() -> Self {
        Self { model: None, dictionary: true }
    }

    /// The codings that this build of the library has, the better one first. Loads the model.
    pub fn supported() -> Vec<Self> {
        Model::embedded().codings()
    }

    /// The id of the model.
    pub fn model(self) -> Option<[u8; 4]> {
        self.model
    }

    pub(crate) fn header_value(self) -> HeaderValue {
        // Letters, digits and hyphens are always a valid value.
        HeaderValue::from_str(&self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("dualcomp"))
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dualcomp-{FORMAT_VERSION}")?;
        if self.dictionary {
            return f.write_str("-d");
        }
        match self.model {
            Some([a, b, c, d]) => write!(f, "-{a:02x}{b:02x}{c:02x}{d:02x}"),
            None => Ok(()),
        }
    }
}

/// The token names no coding that this version of the library knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownCoding;

impl fmt::Display for UnknownCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a content coding of this version of DualComp")
    }
}

impl std::error::Error for UnknownCoding {}

impl FromStr for Coding {
    type Err = UnknownCoding;

    /// Reads a token, in upper or lower case.
    fn from_str(token: &str) -> Result<Self, UnknownCoding> {
        let token = token.to_ascii_lowercase();
        let base = Self::without_model().to_string();
        let rest = token.strip_prefix(&base).ok_or(UnknownCoding)?;
        if rest.is_empty() {
            return Ok(Self::without_model());
        }
        if rest == "-d" {
            return Ok(Self::with_dictionary());
        }
        let digits = rest.strip_prefix('-').filter(|digits| digits.len() == 8).ok_or(UnknownCoding)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(UnknownCoding);
        }
        let id = u32::from_str_radix(digits, 16).map_err(|_| UnknownCoding)?;
        Ok(Self::with_model(id.to_be_bytes()))
    }
}

/// The model that a layer or client has, and so its codings.
#[derive(Clone)]
pub(crate) enum Model {
    /// That of the library, if it was built with one; the id is looked up once.
    Embedded(Option<[u8; 4]>),
    Given(Option<Arc<dyn Predictor>>),
}

impl Model {
    /// The model of the library.
    pub(crate) fn embedded() -> Self {
        Self::Embedded(dualcomp::embedded_model())
    }

    /// Its codings, the better one first.
    pub(crate) fn codings(&self) -> Vec<Coding> {
        let id = match self {
            Self::Embedded(id) => *id,
            Self::Given(predictor) => predictor.as_ref().map(|predictor| predictor.id()),
        };
        id.map(Coding::with_model).into_iter().chain([Coding::without_model()]).collect()
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.codings().iter().map(Coding::to_string)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_format_and_model() {
        for coding in [Coding::without_model(), Coding::with_dictionary(), Coding::with_model([0, 1, 0xfe, 0xff])] {
            assert_eq!(coding.to_string().parse(), Ok(coding));
            assert_eq!(coding.header_value(), coding.to_string());
        }
        for token in [
            "dualcomp",
            "dualcomp-",
            "dualcomp-2",
            "dualcomp-10",
            "dualcomp-1-",
            "dualcomp-1-123",
            "dualcomp-1-d-",
            "dualcomp-1-+1234567",
        ] {
            assert_eq!(token.parse::<Coding>(), Err(UnknownCoding), "{token}");
        }
    }
}
