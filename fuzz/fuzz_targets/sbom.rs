#![no_main]
//! Any bytes as a bill of materials: no panic, an end, and all that is offered can be taken.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sbom) = supply::sbom::read(bytes) {
        for component in sbom.components() {
            let _ = (component.name(), component.licences().count(), component.cpes().count(), component.hashes().count());
        }
        for relation in sbom.relations() {
            assert!(sbom.component(relation.from as usize).is_some() && sbom.component(relation.to as usize).is_some());
        }
        let _ = supply::sbom::diff(&sbom, &sbom);
        let _ = supply::sbom::gb47020::coverage(&sbom);
    }
});
