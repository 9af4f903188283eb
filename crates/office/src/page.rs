//! Lists in pieces.

/// Rows of a page unless a caller asks for fewer.
const SIZE: u32 = 50;

/// Which piece of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub number: u32,
    /// Rows, 1–500.
    pub size: u32,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            number: 1,
            size: SIZE,
        }
    }
}

impl PageRequest {
    /// Page `number` (from 1) of the usual size.
    pub fn number(number: u32) -> Self {
        Self {
            number: number.max(1),
            ..Self::default()
        }
    }

    pub(crate) fn limit(self) -> u32 {
        self.size.clamp(1, 500)
    }

    pub(crate) fn offset(self) -> u64 {
        u64::from(self.number.max(1) - 1) * u64::from(self.limit())
    }

    pub(crate) fn of<T>(self, rows: Vec<T>, total: u64) -> Page<T> {
        Page {
            rows,
            total,
            number: self.number.max(1),
            size: self.limit(),
        }
    }
}

/// A piece of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Rows of the whole list.
    pub total: u64,
    /// Number of this page, from 1.
    pub number: u32,
    /// Rows a full page has.
    pub size: u32,
}

impl<T> Page<T> {
    /// Number of the last page, at least 1.
    pub fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(self.size.max(1))).max(1)).unwrap_or(u32::MAX)
    }
}
