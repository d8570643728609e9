//! `NativeLoad` and `NativeLoaded`.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use astrid_native::kernel::{Grant, Spec};

#[napi(object, object_to_js = false)]
pub struct NativeGrant {
    pub verb: String,
    pub pattern: String,
    pub verdict: String,
    pub rule: String,
}

#[napi(object, object_to_js = false)]
pub struct NativeSetting {
    pub key: String,
    pub value: String,
}

#[napi(object, object_to_js = false)]
pub struct NativeLoad {
    pub component: Uint8Array,
    pub name: String,
    pub source: String,
    pub principal: String,
    pub grants: Vec<NativeGrant>,
    pub workspace: Option<String>,
    pub config: Vec<NativeSetting>,
    pub memory_mib: u32,
    pub idle_instances: u32,
}

impl From<NativeLoad> for Spec {
    fn from(load: NativeLoad) -> Self {
        let grant = |g: NativeGrant| Grant {
            verb: g.verb,
            pattern: g.pattern,
            verdict: g.verdict,
            rule: g.rule,
        };
        Self {
            component: load.component.to_vec(),
            name: load.name,
            source: load.source,
            principal: load.principal,
            grants: load.grants.into_iter().map(grant).collect(),
            workspace: load.workspace.map(Into::into),
            config: load.config.into_iter().map(|s| (s.key, s.value)).collect(),
            memory_mib: load.memory_mib,
            idle_instances: load.idle_instances as usize,
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeLoaded {
    pub id: u32,
    pub digest: String,
    pub cached: bool,
    pub authority: String,
}
