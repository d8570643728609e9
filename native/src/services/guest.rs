//! What the kernel keeps for one instance.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bindings::astrid::capsule::types;
use super::fs::opened::{OpenFiles, OpenStreams};
use super::fs::{Files, Owner, RootDir, Roots, TmpRoot};
use super::keep::Keep;
use super::kv::Namespace;
use super::message::Message;
use super::port::Port;
use super::refusals::Refusals;
use super::wasi::Wasi;
use crate::audit::{Account, Context, Entry, Log, Recorder, Room, Standing, Ticket};
use wasmtime::component::ResourceTable;

use crate::base::error::Error;
use crate::base::limits;
use crate::engine::lane::Lane;
use crate::engine::meter::{Meter, Metered};
use crate::engine::run::{self, Wait};
use crate::gate::decide::RuleId;
use crate::gate::permit::Gate;

/// What a host function gives to Wasmtime: an outer error is a trap, an inner one is the guest's.
pub type Hosted<T> = wasmtime::Result<Result<T, types::Error>>;

/// Who a capsule is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// `name@source`.
    pub name: Arc<str>,
    /// BLAKE3 of the component.
    pub digest: [u8; 32],
}

/// What all instances of one loaded capsule share.
pub struct Shared {
    /// Who it is.
    pub capsule: Identity,
    /// For whom it acts.
    pub principal: Arc<str>,
    /// Decides every call.
    pub gate: Gate,
    /// Texts of the gate's rules, by their number.
    pub rules: Vec<String>,
    /// Settings, as JSON texts.
    pub config: BTreeMap<String, String>,
    /// The folder behind `workspace://`.
    pub workspace: Option<Arc<RootDir>>,
    /// Makes the other roots.
    pub roots: Arc<Roots>,
    /// Whose `data://` and store it is.
    pub owner: Owner,
    /// The capsule's store.
    pub kv: Namespace,
    /// To services in TypeScript.
    pub port: Arc<Port>,
    /// Where calls are recorded.
    pub log: Arc<Log>,
    /// Whose arguments are kept there.
    pub keep: Keep,
    /// Who pays for the records.
    pub account: Arc<Account>,
}

impl Shared {
    /// The text of a rule.
    pub(super) fn rule(&self, rule: RuleId) -> Option<&str> {
        self.rules.get(rule.0 as usize).map(String::as_str)
    }
}

/// The data of one store.
pub struct Guest {
    /// What all instances share.
    pub shared: Arc<Shared>,
    /// The instance's one budget.
    pub meter: Meter,
    /// The message being served.
    pub message: Message,
    /// Refusals of this message, for the person.
    pub refusals: Refusals,
    /// Calls of this message that read something into the guest.
    pub reads: u64,
    /// Resources the guest holds handles to.
    pub(super) table: ResourceTable,
    pub(super) wasi: Wasi,
    /// The roots that were opened so far.
    pub(super) files: Files,
    /// Scratch space, once it was used.
    pub(super) tmp: Option<TmpRoot>,
    /// The files the message has open.
    pub(super) open: OpenFiles,
    /// The streams of files that have not ended.
    pub(super) streams: OpenStreams,
    /// Subject of the message's records.
    pub(super) context: Context,
    /// Records on their way to the log.
    pub(super) recorder: Recorder,
    /// Where the text of a resource is built; kept for its allocation.
    pub(super) text: String,
    lane: Lane,
    born: Instant,
}

impl Guest {
    /// A guest that serves no message yet.
    pub fn new(shared: Arc<Shared>, memory_mib: u32, lane: Lane) -> Self {
        let recorder = Recorder::new(shared.log.buffer(Context::kernel()), shared.account.clone());
        let files = Files { workspace: shared.workspace.clone(), ..Files::default() };
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::RESOURCE_HANDLES as usize);
        Self {
            shared,
            meter: Meter::new(memory_mib),
            message: Message::none(),
            refusals: Refusals::default(),
            reads: 0,
            table,
            wasi: Wasi::default(),
            files,
            tmp: None,
            open: OpenFiles::default(),
            streams: OpenStreams::default(),
            context: Context::kernel(),
            recorder,
            lane,
            born: Instant::now(),
            text: String::new(),
        }
    }

    /// What the linker asks of a store's data to find the guest in it.
    pub fn itself(&mut self) -> &mut Self {
        self
    }

    /// Time since the instance was made.
    pub fn age(&self) -> Duration {
        self.born.elapsed()
    }

    /// Starts the next message: what belonged to the last one ends.
    pub fn start_message(&mut self, context: Context, message: Message) {
        self.recorder.set_context(context.clone());
        self.context = context;
        // What it logged is the reader's to hold now.
        self.meter.give_back(self.message.log_bytes as usize);
        self.meter.start_message();
        self.reads = 0;
        self.message = message;
    }

    /// Hands all records over: a guest that waits pushes nothing, and its records must not wait
    /// with it.
    pub(super) fn hand_over(&mut self) -> Option<Room> {
        // A log that takes nothing refuses the next call; what was buffered is kept till then.
        self.recorder.hand_over().ok()
    }

    /// Records something about the message. Errors: as [`Recorder::push`].
    pub fn record(&mut self, entry: &Entry<'_>) -> Result<Room, Error> {
        self.recorder.push(entry)
    }

    /// Ends the message: records what was counted, then `end`, and hands all records over. Errors:
    /// as [`Recorder::push`].
    pub fn end_message(&mut self, end: &Entry<'_>) -> Result<Ticket, Error> {
        self.close_all();
        for call in std::mem::take(&mut self.message.sent) {
            self.shared.port.cancel(call.number);
            self.meter.give_back(call.bytes);
        }
        self.end_stdio_line();
        self.record_wasi();
        self.recorder.settle(self.shared.log.mono_ns());
        self.recorder.push_sync(end).inspect_err(|_| self.recorder.push_ended(end))
    }
}

impl Metered for Guest {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

impl run::Guest for Guest {
    fn deadline(&self) -> Option<Instant> {
        self.message.deadline
    }

    fn cancelled(&self) -> bool {
        *self.message.cancel.borrow()
    }

    fn lane(&self) -> &Lane {
        &self.lane
    }

    fn slice_ended(&mut self) -> Option<Wait> {
        let standing = self.recorder.settle(self.shared.log.mono_ns());
        let room = self.hand_over();
        match (standing, room) {
            (Standing::Wait(time), _) => Some(Box::pin(tokio::time::sleep(time))),
            (_, Some(Room::Short)) => Some(Box::pin(self.shared.log.wait_for_room())),
            (_, Some(Room::Free) | None) => None,
        }
    }
}

impl types::Host for Guest {}

impl From<Error> for types::Error {
    fn from(error: Error) -> Self {
        let refusal = error.refusal.map(|refusal| types::Refusal {
            verb: refusal.verb.to_owned(),
            resource: refusal.resource,
            number: refusal.number,
        });
        Self { code: error.code.name().to_owned(), message: error.message, refusal }
    }
}
