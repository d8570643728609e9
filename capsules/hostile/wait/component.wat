;; lift: async
;; Waits for an event of an empty set.
(core func $set (canon waitable-set.new))
(core module $Main
  (import "host" "set" (func $set (result i32)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4))))
  (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
(core instance $main (instantiate $Main
  (with "host" (instance (export "set" (func $set))))))
