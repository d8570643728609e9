;; lift: sync
;; Holds as many memories as one component may, each of them tiny.
(core module $Store (memory 1))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core module $Main
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0)))
(core instance $main (instantiate $Main))
