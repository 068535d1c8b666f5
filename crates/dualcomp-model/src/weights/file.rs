//! Tensors by name, each taken once.

use std::collections::HashMap;

use dualcomp_tokens::Vocabulary;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::error::WeightsError;
use super::parts::{Matrix, Modality};

/// The largest magnitude of a real weight. Residual sums then stay far below the largest f32.
const MAX_REAL: f32 = 65_536.0;

pub(crate) struct File<'a> {
    metadata: HashMap<String, String>,
    tensors: HashMap<String, TensorView<'a>>,
}

impl<'a> File<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let container = |error: safetensors::SafeTensorError| WeightsError::Container { reason: error.to_string() };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(container)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(bytes).map_err(container)?.tensors().into_iter().collect();
        Ok(Self { metadata: metadata.into_iter().collect(), tensors })
    }

    /// Checks that a metadata entry has this value.
    pub(crate) fn expect(&self, key: &'static str, value: &str) -> Result<(), WeightsError> {
        match self.metadata.get(key) {
            Some(found) if found == value => Ok(()),
            _ => Err(WeightsError::Metadata { key }),
        }
    }

    /// A metadata entry in `min..=max`.
    pub(crate) fn number(&self, key: &'static str, min: usize, max: usize) -> Result<usize, WeightsError> {
        let number = self.metadata.get(key).and_then(|value| value.parse().ok());
        number.filter(|n| (min..=max).contains(n)).ok_or(WeightsError::Metadata { key })
    }

    /// Whether there is such a metadata entry.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.metadata.contains_key(key)
    }

    /// A metadata entry that lists modalities, if there is one.
    pub(crate) fn modalities(&self, key: &'static str) -> Result<Option<Vec<Modality>>, WeightsError> {
        let named = |name| Modality::ALL.into_iter().find(|modality| modality.name() == name);
        let Some(list) = self.metadata.get(key) else { return Ok(None) };
        list.split(',').map(named).collect::<Option<Vec<_>>>().map(Some).ok_or(WeightsError::Metadata { key })
    }

    fn take(&mut self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], WeightsError> {
        let tensor = self.tensors.remove(name).ok_or_else(|| WeightsError::Missing { tensor: name.into() })?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            return Err(WeightsError::Shape { tensor: name.into(), expected: shape.into() });
        }
        Ok(tensor.data())
    }

    /// Whole numbers from -127 to 127.
    pub(crate) fn integers(&mut self, name: &str, shape: &[usize]) -> Result<Vec<i8>, WeightsError> {
        let values: Vec<i8> = self.take(name, Dtype::I8, shape)?.iter().map(|&b| b as i8).collect();
        if values.contains(&i8::MIN) {
            return Err(WeightsError::Value { tensor: name.into() });
        }
        Ok(values)
    }

    /// Finite real numbers.
    pub(crate) fn reals(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let bytes = self.take(name, Dtype::F32, shape)?.as_chunks().0;
        let values: Vec<f32> = bytes.iter().map(|&b| f32::from_le_bytes(b)).collect();
        // A NaN is within no bound.
        if !values.iter().all(|x| x.abs() <= MAX_REAL) {
            return Err(WeightsError::Value { tensor: name.into() });
        }
        Ok(values)
    }

    /// A vector of `N` real numbers.
    pub(crate) fn array<const N: usize>(&mut self, name: &str) -> Result<[f32; N], WeightsError> {
        let values = self.reals(name, &[N])?;
        values.try_into().map_err(|_| WeightsError::Shape { tensor: name.into(), expected: vec![N] })
    }

    /// A matrix and its scales.
    pub(crate) fn matrix(&mut self, name: &str, rows: usize, columns: usize) -> Result<Matrix, WeightsError> {
        let weights = self.integers(name, &[rows, columns])?;
        Ok(Matrix { columns, weights, scale: self.reals(&format!("{name}.scale"), &[rows])? })
    }

    /// The vocabulary: a length byte before each token.
    pub(crate) fn vocabulary(&mut self, size: usize) -> Result<Vocabulary, WeightsError> {
        let tensor = "vocabulary";
        let length = self.tensors.get(tensor).map_or(0, |t| t.data().len());
        let mut bytes = self.take(tensor, Dtype::U8, &[length])?;
        let mut tokens = Vec::with_capacity(size);
        while let Some((&length, rest)) = bytes.split_first() {
            let (token, rest) = rest.split_at_checked(length.into()).ok_or(WeightsError::VocabularySize)?;
            tokens.push(token.to_vec());
            bytes = rest;
        }
        if tokens.len() != size {
            return Err(WeightsError::VocabularySize);
        }
        Vocabulary::new(tokens).map_err(WeightsError::Vocabulary)
    }

    /// Checks that every tensor was taken.
    pub(crate) fn finish(self) -> Result<(), WeightsError> {
        match self.tensors.into_keys().min() {
            Some(tensor) => Err(WeightsError::Unused { tensor }),
            None => Ok(()),
        }
    }
}
