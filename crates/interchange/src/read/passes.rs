//! The order in which the sections of an OCEL file are read.
//!
//! Values need the declared types, and events need the objects that they refer to, but a file may hold its sections in
//! any order. A section that comes too early is passed over and read in another pass over the file; there are at most
//! three, and for files in the usual order there is one.

/// A section of an OCEL file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    EventTypes,
    ObjectTypes,
    Objects,
    Events,
}

#[derive(Default)]
pub(crate) struct Passes {
    /// Complete passes.
    complete: u32,
    done: [bool; 4],
    /// Passed over in this pass.
    early: [bool; 4],
    /// OCEL 1.0 declares no types.
    pub untyped: bool,
}

impl Passes {
    /// May this section be read now? If not it is passed over.
    pub(crate) fn wants(&mut self, section: Section) -> bool {
        let types = self.untyped || self.complete > 0 || (self.done[0] && self.done[1]);
        // After a pass that found no objects there are none.
        let objects = self.done[2] || (self.complete > 0 && !self.early[2]);
        let now = !self.done[section as usize]
            && match section {
                Section::EventTypes | Section::ObjectTypes => true,
                Section::Objects => types,
                Section::Events => types && objects,
            };
        if now {
            self.done[section as usize] = true;
            self.early[section as usize] = false;
        } else if !self.done[section as usize] {
            self.early[section as usize] = true;
        }
        now
    }

    /// A pass over the file has ended; is another needed?
    pub(crate) fn end(&mut self) -> bool {
        self.complete += 1;
        self.early.iter().any(|e| *e)
    }

    /// A section was passed over in this pass: there will be another.
    pub(crate) fn again(&self) -> bool {
        self.early.iter().any(|e| *e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of sections is read, dependencies first, in at most three passes.
    #[test]
    fn any_order() {
        let all = [
            Section::EventTypes,
            Section::ObjectTypes,
            Section::Objects,
            Section::Events,
        ];
        let mut orders = 0;
        for n in 0..256_usize {
            let order: Vec<Section> = (0..4).map(|i| all[(n >> (2 * i)) & 3]).collect();
            if !all.iter().all(|s| order.contains(s)) {
                continue;
            }
            orders += 1;
            for left_out in [None, Some(0), Some(1), Some(2), Some(3)] {
                let order: Vec<Section> = order
                    .iter()
                    .copied()
                    .filter(|s| Some(*s as usize) != left_out)
                    .collect();
                let mut passes = Passes::default();
                let mut read = Vec::new();
                for pass in 0.. {
                    assert!(pass < 3, "{order:?}");
                    read.extend(order.iter().copied().filter(|s| passes.wants(*s)));
                    if !passes.end() {
                        break;
                    }
                }
                assert_eq!(read.len(), order.len(), "{order:?} read as {read:?}");
                let at = |s| read.iter().position(|r| *r == s).unwrap_or(0);
                if left_out.is_none() {
                    assert!(
                        at(Section::Objects) > at(Section::EventTypes)
                            && at(Section::Objects) > at(Section::ObjectTypes)
                    );
                    assert!(at(Section::Events) > at(Section::Objects));
                }
            }
        }
        assert_eq!(orders, 24);
    }
}
