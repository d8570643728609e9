//! `NativeOpen`.

use napi_derive::napi;

use astrid_native::kernel::Options;

#[napi(object, object_to_js = false)]
pub struct NativeOpen {
    pub home: String,
    pub addon: String,
    pub compiler: String,
    pub runtime: String,
    pub instances: u32,
    pub workers: u32,
}

impl From<NativeOpen> for Options {
    fn from(open: NativeOpen) -> Self {
        Self {
            home: open.home.into(),
            addon: open.addon.into(),
            compiler: open.compiler.into(),
            runtime: open.runtime,
            instances: open.instances,
            workers: open.workers as usize,
        }
    }
}
