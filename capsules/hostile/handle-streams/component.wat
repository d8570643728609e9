;; lift: sync
;; Makes 1,000,000 streams and keeps both ends of each.
(type $stream (stream))
(core func $make (canon stream.new $stream))
(core module $Main
  (import "host" "make" (func $make (result i64)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (local $made i32)
    (loop
      (drop (call $make))
      (local.set $made (i32.add (local.get $made) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $made) (i32.const 1000000))))
    (i32.const 0)))
(core instance $main (instantiate $Main
  (with "host" (instance (export "make" (func $make))))))
