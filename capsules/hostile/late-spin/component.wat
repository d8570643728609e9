;; lift: async
;; Answers, then spins in the same turn.
(core module $Main
  (import "host" "return" (func $return (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $return (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0))
    (loop (br 0))
    (i32.const 0))
  (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
(core instance $main (instantiate $Main
  (with "host" (instance (export "return" (func $return))))))
