;; lift: sync
;; Ends itself through WASI.
(import "wasi:cli/exit@0.2.0" (instance $exit
  (export "exit" (func (param "status" (result))))))
(core func $exit' (canon lower (func $exit "exit")))
(core module $Main
  (import "host" "exit" (func $exit (param i32)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $exit (i32.const 0))
    (i32.const 0)))
(core instance $main (instantiate $Main
  (with "host" (instance (export "exit" (func $exit'))))))
