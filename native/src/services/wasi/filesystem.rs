//! `wasi:filesystem`: no preopens, so no descriptor ever exists, and its methods can't be called.

use wasmtime::component::Resource;

use super::bindings::wasi::filesystem::{preopens, types};
use super::io::{Input, Output};
use super::table::Function;
use crate::services::guest::Guest;

/// A descriptor: none is ever handed out.
pub enum NoDescriptor {}

type Answer<T> = wasmtime::Result<Result<T, types::ErrorCode>>;

impl Guest {
    fn no_descriptor<T>(&mut self, descriptor: &Resource<NoDescriptor>) -> Answer<T> {
        self.wasi_call(Function::Descriptor);
        match *self.table.get(descriptor)? {}
    }
}

impl preopens::Host for Guest {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<NoDescriptor>, String)>> {
        self.wasi_call(Function::GetDirectories);
        Ok(Vec::new())
    }
}

impl types::Host for Guest {}

impl types::HostDescriptor for Guest {
    fn read_via_stream(&mut self, d: Resource<NoDescriptor>, _: u64) -> Answer<Resource<Input>> {
        self.no_descriptor(&d)
    }

    fn write_via_stream(&mut self, d: Resource<NoDescriptor>, _: u64) -> Answer<Resource<Output>> {
        self.no_descriptor(&d)
    }

    fn append_via_stream(&mut self, d: Resource<NoDescriptor>) -> Answer<Resource<Output>> {
        self.no_descriptor(&d)
    }

    fn get_flags(&mut self, d: Resource<NoDescriptor>) -> Answer<types::DescriptorFlags> {
        self.no_descriptor(&d)
    }

    fn get_type(&mut self, d: Resource<NoDescriptor>) -> Answer<types::DescriptorType> {
        self.no_descriptor(&d)
    }

    fn stat(&mut self, d: Resource<NoDescriptor>) -> Answer<types::DescriptorStat> {
        self.no_descriptor(&d)
    }

    fn metadata_hash(&mut self, d: Resource<NoDescriptor>) -> Answer<types::MetadataHashValue> {
        self.no_descriptor(&d)
    }

    fn drop(&mut self, d: Resource<NoDescriptor>) -> wasmtime::Result<()> {
        self.table.delete(d)?;
        Ok(())
    }
}
