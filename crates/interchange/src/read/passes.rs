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
    /// In which pass it was read, counted from 1.
    done: [u32; 4],
    /// In which pass it was last passed over.
    early: [u32; 4],
    /// OCEL 1.0 declares no types.
    pub untyped: bool,
}

impl Passes {
    /// May this section be read now? If not it is passed over.
    pub(crate) fn wants(&mut self, section: Section) -> bool {
        let this_pass = self.complete + 1;
        let [event_types, object_types, objects, _] = self.done.map(|pass| pass > 0);
        let types = self.untyped || self.complete > 0 || (event_types && object_types);
        // After a pass that found no objects there are none.
        let objects = objects || (self.complete > 0 && self.early[2] == 0);
        let ready = match section {
            Section::EventTypes | Section::ObjectTypes => true,
            Section::Objects => types,
            Section::Events => types && objects,
        };
        let (done, early) = (
            &mut self.done[section as usize],
            &mut self.early[section as usize],
        );
        // The same section twice is read twice, and in one pass.
        let now = *done == this_pass || (*done == 0 && ready && *early != this_pass);
        if now {
            *done = this_pass;
        } else if *done == 0 {
            *early = this_pass;
        }
        now
    }

    /// A pass over the file has ended; is another needed?
    pub(crate) fn end(&mut self) -> bool {
        self.complete += 1;
        self.again()
    }

    /// A section was passed over in this pass: there will be another.
    pub(crate) fn again(&self) -> bool {
        (0..4).any(|s| self.early[s] > 0 && self.done[s] == 0)
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
