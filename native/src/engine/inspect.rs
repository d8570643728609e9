//! What a component says of itself, read from its bytes without compiling it.

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Parser, Payload};

use crate::base::error::{Code, Error, Result};

/// Imports and exports one component may have.
const NAMES: usize = 10_000;

/// A component's outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// BLAKE3 of the bytes.
    pub digest: blake3::Hash,
    /// Names of what it imports, in its order.
    pub imports: Vec<String>,
    /// Names of what it exports, in its order.
    pub exports: Vec<String>,
}

/// Magic, then version 13 in layer 1: the preamble of the component model's binary format.
pub fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x0d\0\x01\0")
}

/// Reads the outer imports and exports of `component`.
///
/// Fails with `ASTRID_NOT_A_COMPONENT`.
pub fn inspect(component: &[u8]) -> Result<Inspection> {
    if !is_component(component) {
        return Err(not_a_component(if component.starts_with(b"\0asm\x01\0\0\0") {
            "this is a core module; a capsule is a component".into()
        } else {
            "the bytes do not start like a WebAssembly component".into()
        }));
    }
    let broken = |e: wasmparser::BinaryReaderError| {
        not_a_component(format!("broken at byte {}: {}", e.offset(), e.message()))
    };
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(broken)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(broken)?;
                    // Types are named, not provided.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let export = export.map_err(broken)?;
                    if export.kind != ComponentExternalKind::Type {
                        exports.push(export.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
        if imports.len() + exports.len() > NAMES {
            return Err(not_a_component(format!("more than {NAMES} imports and exports")));
        }
    }
    Ok(Inspection { digest: blake3::hash(component), imports, exports })
}

fn not_a_component(why: String) -> Error {
    Error::new(Code::NotAComponent, why)
}
