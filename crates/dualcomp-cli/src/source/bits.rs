//! Integers in files.

use super::CUT;

/// The order of the bytes of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Lowest byte first.
    Little,
    /// Highest byte first.
    Big,
}

/// A file in one order of bytes.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) file: &'a [u8],
    pub(super) order: Order,
}

impl<'a> Words<'a> {
    pub(super) fn new(file: &'a [u8], order: Order) -> Self {
        Self { file, order }
    }

    /// The bytes from `at` on.
    pub(super) fn bytes(&self, at: u64, len: u64) -> Result<&'a [u8], String> {
        let range = || {
            let start = usize::try_from(at).ok()?;
            let end = start.checked_add(usize::try_from(len).ok()?)?;
            self.file.get(start..end)
        };
        range().ok_or_else(|| CUT.to_owned())
    }

    pub(super) fn u8(&self, at: u64) -> Result<u8, String> {
        Ok(self.bytes(at, 1)?[0])
    }

    pub(super) fn u16(&self, at: u64) -> Result<u16, String> {
        let bytes = [self.u8(at)?, self.u8(at + 1)?];
        Ok(match self.order {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    pub(super) fn u32(&self, at: u64) -> Result<u32, String> {
        let (first, second) = (u32::from(self.u16(at)?), u32::from(self.u16(at + 2)?));
        Ok(match self.order {
            Order::Little => first | second << 16,
            Order::Big => first << 16 | second,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_are_read() {
        let file = [1, 2, 3, 4];
        assert_eq!(Words::new(&file, Order::Little).u32(0), Ok(0x0403_0201));
        assert_eq!(Words::new(&file, Order::Big).u32(0), Ok(0x0102_0304));
        assert_eq!(Words::new(&file, Order::Big).u16(2), Ok(0x0304));
        assert_eq!(Words::new(&file, Order::Big).u16(3), Err(CUT.to_owned()));
        assert_eq!(Words::new(&file, Order::Big).bytes(u64::MAX, 4), Err(CUT.to_owned()));
    }
}
