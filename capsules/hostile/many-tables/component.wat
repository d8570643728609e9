;; lift: sync
;; Holds as many tables as one component may.
(core module $Store
  (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core instance (instantiate $Store))
(core module $Main
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0)))
(core instance $main (instantiate $Main))
