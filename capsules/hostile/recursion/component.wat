;; lift: sync
;; Calls itself without end.
(core module $Main
  (func $descend (result i32) (i32.add (i32.const 1) (call $descend)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $descend)))
(core instance $main (instantiate $Main))
