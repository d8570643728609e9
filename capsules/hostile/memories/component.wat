;; lift: sync
;; Four memories, each within the budget, and together over it.
(core module $Store
  (memory 1)
  (func (export "grow") (result i32) (memory.grow (i32.const 16))))
(core instance $a (instantiate $Store))
(core instance $b (instantiate $Store))
(core instance $c (instantiate $Store))
(core instance $d (instantiate $Store))
(core module $Main
  (import "a" "grow" (func $a (result i32)))
  (import "b" "grow" (func $b (result i32)))
  (import "c" "grow" (func $c (result i32)))
  (import "d" "grow" (func $d (result i32)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (loop
      (br_if 0 (i32.ne (call $a) (i32.const -1)))
      (br_if 0 (i32.ne (call $b) (i32.const -1)))
      (br_if 0 (i32.ne (call $c) (i32.const -1)))
      (br_if 0 (i32.ne (call $d) (i32.const -1))))
    unreachable))
(core instance $main (instantiate $Main
  (with "a" (instance $a)) (with "b" (instance $b))
  (with "c" (instance $c)) (with "d" (instance $d))))
