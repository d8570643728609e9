//! `NativeAbout`, and the tables of what is recorded.

use napi_derive::napi;

use astrid_native::audit::{Class, KINDS, Row};
use astrid_native::base::error::{Code, Error, Result};
use astrid_native::base::hex;
use astrid_native::kernel::Event;
use astrid_native::services::functions::{self, Function};
use astrid_native::services::wasi::table::Function as Wasi;

#[napi(object, object_to_js = false)]
pub struct NativeAbout {
    pub principal: Option<String>,
    pub capsule: Option<String>,
    pub component: Option<String>,
    pub verb: Option<String>,
    pub is_granted: Option<bool>,
    pub rule: Option<String>,
    pub refused: Option<String>,
}

impl NativeAbout {
    pub fn event(self, kind: String, resource: String) -> Result<Event> {
        let digest = |text: String| {
            let wrong = || Error::new(Code::Invalid, "not a digest in hexadecimal");
            hex::decode(&text).ok_or_else(wrong)
        };
        Ok(Event {
            kind,
            resource,
            principal: self.principal,
            capsule: self.capsule,
            component: self.component.map(digest).transpose()?,
            verb: self.verb,
            grant: self.is_granted.map(|given| (given, self.rule.unwrap_or_default())),
            refused: self.refused,
        })
    }
}

#[napi(object, object_from_js = false)]
pub struct NativeKind {
    pub name: String,
    pub class: String,
    pub is_kept: bool,
}

#[napi(object, object_from_js = false)]
pub struct NativeFunction {
    pub name: String,
    pub verb: Option<String>,
    pub class: String,
    pub kinds: Vec<String>,
}

#[napi(object, object_from_js = false)]
pub struct NativeTables {
    pub kinds: Vec<NativeKind>,
    pub functions: Vec<NativeFunction>,
}

#[napi]
pub fn audit_tables() -> NativeTables {
    let ours = functions::ALL.iter().map(NativeFunction::from);
    let functions = ours.chain(Wasi::ALL.iter().map(NativeFunction::from)).collect();
    NativeTables { kinds: KINDS.iter().map(NativeKind::from).collect(), functions }
}

impl From<&Row> for NativeKind {
    fn from(row: &Row) -> Self {
        Self { name: row.name.into(), class: row.class.name().into(), is_kept: row.is_kept }
    }
}

impl From<&Function> for NativeFunction {
    fn from(function: &Function) -> Self {
        let kinds = function.kinds().iter().map(|kind| kind.name().into()).collect();
        let (verb, class) = (Some(function.verb.name().into()), function.class.name().into());
        Self { name: function.name.into(), verb, class, kinds }
    }
}

impl From<&Wasi> for NativeFunction {
    fn from(function: &Wasi) -> Self {
        let verb = function.verb().map(|verb| verb.name().into());
        let kinds = vec![astrid_native::audit::Kind::Wasi.name().into()];
        Self { name: function.name().into(), verb, class: Class::Batch.name().into(), kinds }
    }
}
