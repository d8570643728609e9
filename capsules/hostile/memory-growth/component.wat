;; lift: sync
;; Grows one memory until it is refused, and then traps, as language runtimes do.
(core module $Main
  (memory 1)
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    unreachable))
(core instance $main (instantiate $Main))
