;; lift: async
;; Ends without having answered.
(core module $Main
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0))
  (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
(core instance $main (instantiate $Main))
