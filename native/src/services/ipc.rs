//! `ipc.wit`: decided and recorded here, carried out by TypeScript.

use wasmtime::component::{Access, FutureReader, HasSelf};

use super::bindings::astrid::capsule::{ipc, types};
use super::functions;
use super::guest::Guest;
use super::message::Pending;
use super::port::{OnEnd, Request, Sent, Waiting};
use crate::base::error::Result;
use crate::base::{limits, payload};
use crate::gate::permit::Permit;
use crate::gate::topic::Topic;
use crate::gate::verb::Verb;

impl ipc::Host for Guest {}

impl<T: 'static> ipc::HostWithStore<T> for HasSelf<Guest> {
    fn publish(
        mut access: Access<'_, T, Self>,
        topic: String,
        payload: String,
    ) -> wasmtime::Result<FutureReader<std::result::Result<(), types::Error>>> {
        let sent = access.get().send(&topic, payload);
        FutureReader::new(&mut access, async move {
            wasmtime::error::Ok(match sent {
                Ok((pending, waiting)) => {
                    let answer = pending.unless_ended(waiting.answer()).await;
                    answer.map(drop).map_err(types::Error::from)
                }
                Err(error) => Err(error.into()),
            })
        })
    }
}

impl Guest {
    /// Decides, records and sends at the call, not when the guest first reads the future.
    fn send(&mut self, topic: &str, payload: String) -> Result<(Pending, Waiting)> {
        let topic = Topic::parse(topic).map_err(|e| self.refuse_argument(Verb::IpcPublish, e))?;
        let (permit, call) =
            self.begin_blocking(functions::IPC_PUBLISH, topic, payload.as_bytes())?;
        let call = call.recorded();
        let on_end = self.end_later(&call);
        let sent = self.send_permitted(permit, payload, on_end);
        if sent.is_err() {
            self.end(call, &sent);
        }
        sent
    }

    fn send_permitted(
        &mut self,
        permit: Permit<Topic>,
        payload: String,
        on_end: OnEnd,
    ) -> Result<(Pending, Waiting)> {
        payload::check(&payload)?;
        let pending = self.message.pending()?;
        let bytes = payload.len() as u64;
        let request = Request {
            verb: permit.verb().name(),
            resource: permit.resource().as_str().to_owned(),
            payload,
            capsule: self.shared.capsule.name.clone(),
            principal: self.shared.principal.clone(),
            message: self.message.id.clone(),
        };
        let size = request.size();
        self.charge_call(size)?;
        let waiting = match self.shared.port.call(request, on_end) {
            Ok(waiting) => waiting,
            Err(error) => {
                self.meter.give_back(size);
                return Err(error);
            }
        };
        self.meter.bytes_out += bytes;
        self.message.sent.push(Sent { number: waiting.number(), bytes: size });
        Ok((pending, waiting))
    }

    /// Takes a call's bytes from the budget: until it is answered, or the message ends.
    fn charge_call(&mut self, bytes: usize) -> Result<()> {
        // At most `pending-calls` of them wait; forgetting the others keeps the list short.
        let many = self.message.sent.len() as u64 >= 2 * limits::PENDING_CALLS;
        if !many && self.meter.charge(bytes).is_ok() {
            return Ok(());
        }
        let answered = self.shared.port.keep_waiting(&mut self.message.sent);
        self.meter.give_back(answered);
        self.meter.charge(bytes)
    }
}
