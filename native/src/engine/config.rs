//! One configuration for the kernel and the compiler process: compiled code is only accepted by an
//! engine whose settings equal those it was compiled with.

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// Memories, tables and core instances one component may have: a JavaScript capsule has two, two
/// and about twenty.
const MEMORIES_PER_COMPONENT: u32 = 8;
const TABLES_PER_COMPONENT: u32 = 16;
const CORE_INSTANCES_PER_COMPONENT: u32 = 64;

/// Slots of the allocator for each live instance; a JavaScript capsule uses as many.
const MEMORIES_PER_INSTANCE: u32 = 2;
const TABLES_PER_INSTANCE: u32 = 4;
const CORE_INSTANCES_PER_INSTANCE: u32 = 24;

/// Bytes of a linear memory that are zeroed in place when a slot is used again, instead of being
/// given back to the operating system: a JavaScript capsule's dirty pages at rest.
const KEEP_RESIDENT_BYTES: usize = 512 << 10;

/// Core dumps of a guest are no use to anyone here; eight frames tell where it trapped.
const BACKTRACE_FRAMES: std::num::NonZeroUsize =
    std::num::NonZeroUsize::new(8).expect("eight is not zero");

/// What compiled code depends on.
fn base() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .wasm_component_model_async(true)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES))
        .max_wasm_stack(limits::WASM_STACK_BYTES as usize)
        .async_stack_size(limits::ASYNC_STACK_BYTES as usize);
    config
}

/// The engine of the compiler process: it never runs a guest, so it reserves no slots.
pub fn compiler_engine() -> Result<Engine> {
    Engine::new(&base()).map_err(unsupported)
}

/// The engine of a kernel with room for `instances` live instances.
///
/// Fails with `ASTRID_UNSUPPORTED` when the machine can't reserve the address space.
pub fn kernel_engine(instances: u32) -> Result<Engine> {
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
    Engine::new(&config).map_err(unsupported)
}

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(instances)
        .total_core_instances(instances * CORE_INSTANCES_PER_INSTANCE)
        .total_memories((instances * MEMORIES_PER_INSTANCE).max(MEMORIES_PER_COMPONENT))
        .total_tables((instances * TABLES_PER_INSTANCE).max(TABLES_PER_COMPONENT))
        .total_stacks(instances * 2)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_memories_per_module(MEMORIES_PER_COMPONENT)
        .max_tables_per_module(TABLES_PER_COMPONENT)
        .max_memory_size((limits::MEMORY_MIB_MAX as usize) << 20)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .pagemap_scan(Enabled::Auto);
    pool
}

fn unsupported(error: wasmtime::Error) -> Error {
    Error::new(
        Code::Unsupported,
        format!("the engine can't start on this machine: {error:#}; fewer instances need less"),
    )
}
