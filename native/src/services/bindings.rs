//! The guest contract (`wit/`) as Rust traits. Which calls suspend the guest stands here: those
//! that wait for our own disk. Those that return a future or a stream get the store.

#![allow(missing_docs, reason = "generated; the WIT files document every function")]

wasmtime::component::bindgen!({
    inline: "
        package astrid:kernel;

        world all {
            include astrid:capsule/handler@0.1.0;
            import astrid:capsule/clock@0.1.0;
            import astrid:capsule/config@0.1.0;
            import astrid:capsule/fs@0.1.0;
            import astrid:capsule/ipc@0.1.0;
            import astrid:capsule/kv@0.1.0;
            import astrid:capsule/log@0.1.0;
            import astrid:capsule/random@0.1.0;
        }
    ",
    path: "../wit",
    world: "astrid:kernel/all",
    imports: {
        "astrid:capsule/clock.sleep": store | trappable,
        "astrid:capsule/ipc.publish": store | trappable,
        "astrid:capsule/fs.[method]file.read-stream": store | trappable,
        "astrid:capsule/fs.[method]file.write-stream": store | trappable,
        "astrid:capsule/fs": async | trappable,
        "astrid:capsule/kv": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "astrid:capsule/fs.file": crate::services::fs::opening::OpenHandle,
    },
});
