//! `NativeLoad` and `NativeLoaded`.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use super::workspace::NativeWorkspace;
use astrid_native::base::error::Result;
use astrid_native::kernel::{Grant, Spec};
use astrid_native::services::keep::Keep;

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
    pub workspace: Option<NativeWorkspace>,
    pub config: Vec<NativeSetting>,
    pub memory_mib: u32,
    pub idle_instances: u32,
    pub keep: Vec<String>,
    pub text_key: Option<Uint8Array>,
}

impl NativeLoad {
    /// What to load. `ASTRID_INVALID` for a workspace that was not checked, and as [`Keep::new`].
    pub fn spec(self) -> Result<Spec> {
        let grant = |g: NativeGrant| Grant {
            verb: g.verb,
            pattern: g.pattern,
            verdict: g.verdict,
            rule: g.rule,
        };
        Ok(Spec {
            component: self.component.to_vec(),
            name: self.name,
            source: self.source,
            principal: self.principal,
            grants: self.grants.into_iter().map(grant).collect(),
            workspace: self.workspace.map(NativeWorkspace::dir).transpose()?,
            config: self.config.into_iter().map(|s| (s.key, s.value)).collect(),
            memory_mib: self.memory_mib,
            idle_instances: self.idle_instances as usize,
            keep: Keep::new(&self.keep, self.text_key.as_deref())?,
        })
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeLoaded {
    pub id: u32,
    pub digest: String,
    pub cached: bool,
    pub authority: String,
}
