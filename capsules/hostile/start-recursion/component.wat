;; lift: sync
;; Calls itself without end before there is a handler.
(core module $Main
  (func $descend (result i32) (i32.add (i32.const 1) (call $descend)))
  (func $start (drop (call $descend)))
  (start $start)
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0)))
(core instance $main (instantiate $Main))
