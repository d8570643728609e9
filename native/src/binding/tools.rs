//! Functions that need no kernel.

use std::path::Path;

use napi::Env;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use super::error::to_js;
use super::types::NativeWorkspace;
use astrid_native::engine::{self, bounds, inspect::inspect as inspect_component};
use astrid_native::gate::pattern::Pattern;
use astrid_native::gate::verb::{Kind, Verb};
use astrid_native::services::fs;

#[napi(object, object_from_js = false)]
pub struct NativeVersion {
    pub addon: String,
    pub wasmtime: String,
    pub target: String,
    pub openat2: bool,
    pub bounds_builds: bool,
}

#[napi]
pub fn version() -> NativeVersion {
    NativeVersion {
        addon: env!("CARGO_PKG_VERSION").into(),
        wasmtime: engine::WASMTIME_VERSION.into(),
        target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        openat2: fs::has_openat2(),
        bounds_builds: bounds::COUNTS_DATA,
    }
}

#[napi]
pub fn bound_build(env: Env, memory_mib: u32, deadline_ms: u32) -> napi::Result<()> {
    bounds::build(memory_mib, deadline_ms).map_err(|error| to_js(&env, &error))
}

#[napi]
pub fn check_grant(env: Env, verb: String, pattern: String) -> napi::Result<()> {
    let parsed = Verb::parse(&verb).and_then(|verb| Pattern::parse(verb, &pattern));
    parsed.map(drop).map_err(|error| to_js(&env, &error))
}

#[napi(object, object_from_js = false)]
pub struct NativeVerb {
    pub verb: String,
    pub kind: String,
}

#[napi]
pub fn verbs() -> Vec<NativeVerb> {
    let kind = |verb: Verb| match verb.kind() {
        Kind::Nothing => "nothing",
        Kind::Path => "path",
        Kind::Topic => "topic",
        Kind::Key => "key",
    };
    let row = |verb: Verb| NativeVerb { verb: verb.name().into(), kind: kind(verb).into() };
    Verb::ALL.into_iter().map(row).collect()
}

#[napi(object, object_from_js = false)]
pub struct NativeInspection {
    pub digest: String,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

#[napi]
pub fn inspect(env: Env, component: Uint8Array) -> napi::Result<NativeInspection> {
    let found = inspect_component(&component).map_err(|error| to_js(&env, &error))?;
    let digest = found.digest.to_hex().to_string();
    Ok(NativeInspection { digest, imports: found.imports, exports: found.exports })
}

#[napi]
pub fn digest(bytes: Uint8Array) -> String {
    blake3::hash(&bytes).to_hex().to_string()
}

#[napi]
pub fn check_workspace(env: Env, workspace: String, home: String) -> napi::Result<NativeWorkspace> {
    let id = fs::workspace_check(Path::new(&workspace), Path::new(&home))
        .map_err(|error| to_js(&env, &error))?;
    Ok(NativeWorkspace { path: workspace, device: id.device.into(), inode: id.inode.into() })
}
