;; lift: sync
;; Declares more memory than its budget: it can't even start.
(core module $Main
  (memory 65536)
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0)))
(core instance $main (instantiate $Main))
