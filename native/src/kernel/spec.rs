//! What a caller says of a capsule, and what follows from it.

use std::collections::BTreeMap;

use crate::base::error::{Code, Error, Result};
use crate::base::hex;
use crate::gate::decide::{RuleId, Verdict};
use crate::gate::pattern::Pattern;
use crate::gate::permit::{AuthorityId, Gate};
use crate::gate::table::{Row, Table};
use crate::gate::verb::Verb;
use crate::services::fs::WorkspaceDir;
use crate::services::keep::Keep;

/// One row, as text.
#[derive(Clone, Debug)]
pub struct Grant {
    /// `fs.read`, for example.
    pub verb: String,
    /// Empty for verbs without a resource.
    pub pattern: String,
    /// `allow`, `ask` or `deny`.
    pub verdict: String,
    /// What records name as the rule.
    pub rule: String,
}

/// A capsule to load.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The component's bytes.
    pub component: Vec<u8>,
    /// Name without source.
    pub name: String,
    /// Who vouches.
    pub source: String,
    /// For whom it acts.
    pub principal: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// The folder behind `workspace://`.
    pub workspace: Option<WorkspaceDir>,
    /// Settings, as JSON texts.
    pub config: BTreeMap<String, String>,
    /// Budget of each instance, in MiB.
    pub memory_mib: u32,
    /// Instances kept ready between calls.
    pub idle_instances: usize,
    /// Whose arguments the log keeps.
    pub keep: Keep,
}

impl Spec {
    /// `name@source`.
    pub fn identity(&self) -> String {
        format!("{}@{}", self.name, self.source)
    }

    /// The gate that decides by the spec's grants, and the texts of its rules by their number.
    ///
    /// Fails with `ASTRID_GRANT`.
    pub fn gate(&self) -> Result<(Gate, Vec<String>)> {
        let rows = self.grants.iter().zip(0..).map(|(grant, number)| grant.row(RuleId(number)));
        let table = Table::compile(&rows.collect::<Result<Vec<_>>>()?)?;
        let rules = self.grants.iter().map(|grant| grant.rule.clone()).collect();
        Ok((Gate::new(table, self.authority()), rules))
    }

    /// The id of the authority: principal, folder and rows together.
    fn authority(&self) -> AuthorityId {
        let mut hasher = blake3::Hasher::new_derive_key("astrid-native 1 authority");
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        part(self.principal.as_bytes());
        if let Some(WorkspaceDir { path, id }) = &self.workspace {
            part(path.as_os_str().as_encoded_bytes());
            part(&id.device.to_le_bytes());
            part(&id.inode.to_le_bytes());
        }
        for grant in &self.grants {
            part(grant.verb.as_bytes());
            part(grant.pattern.as_bytes());
            part(grant.verdict.as_bytes());
        }
        let mut id = [0; 8];
        hasher.finalize_xof().fill(&mut id);
        AuthorityId(id)
    }
}

impl Grant {
    /// As a load's record commits to it: `allow fs.read workspace://**`.
    pub(super) fn text(&self) -> String {
        format!("{} {} {}", self.verdict, self.verb, self.pattern)
    }

    fn row(&self, rule: RuleId) -> Result<Row> {
        let verb = Verb::parse(&self.verb)?;
        let pattern = Pattern::parse(verb, &self.pattern)?;
        let verdict = match self.verdict.as_str() {
            "allow" => Verdict::Allow,
            "ask" => Verdict::Ask,
            "deny" => Verdict::Deny,
            other => return Err(Error::new(Code::Grant, format!("{other:?} is not a verdict"))),
        };
        Ok(Row { verdict, verb, pattern, rule })
    }
}

/// A name for files of the home: the same text, the same name; nothing of it shows or escapes.
pub fn file_id(text: &str) -> String {
    let mut id = [0; 16];
    blake3::Hasher::new_derive_key("astrid-native 1 file id")
        .update(text.as_bytes())
        .finalize_xof()
        .fill(&mut id);
    hex::encode(&id)
}
