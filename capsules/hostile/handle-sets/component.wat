;; lift: sync
;; Makes 1,000,000 waitable sets and keeps them.
(core func $set (canon waitable-set.new))
(core module $Main
  (import "host" "set" (func $set (result i32)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (local $made i32)
    (loop
      (drop (call $set))
      (local.set $made (i32.add (local.get $made) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $made) (i32.const 1000000))))
    (i32.const 0)))
(core instance $main (instantiate $Main
  (with "host" (instance (export "set" (func $set))))))
