;; lift: sync
;; Grows a table until it is refused.
(core module $Main
  (table $table 1 funcref)
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (loop
      (br_if 0
        (i32.ne (table.grow $table (ref.null func) (i32.const 100000000)) (i32.const -1))))
    unreachable))
(core instance $main (instantiate $Main))
