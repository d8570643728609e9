;; lift: sync
;; Spins in the start function, before there is a handler that could be stopped.
(core module $Main
  (func $start (loop (br 0)))
  (start $start)
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0)))
(core instance $main (instantiate $Main))
