;; lift: sync
;; Asks WASI for 1,000,000 handles to standard output.
(import "wasi:io/streams@0.2.0" (instance $streams
  (export "output-stream" (type (sub resource)))))
(alias export $streams "output-stream" (type $output))
(import "wasi:cli/stdout@0.2.0" (instance $stdout
  (alias outer 1 $output (type $output'))
  (export "output-stream" (type $shared (eq $output')))
  (export "get-stdout" (func (result (own $shared))))))
(core func $get (canon lower (func $stdout "get-stdout")))
(core module $Main
  (import "host" "get" (func $get (result i32)))
  (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (local $made i32)
    (loop
      (drop (call $get))
      (local.set $made (i32.add (local.get $made) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $made) (i32.const 1000000))))
    (i32.const 0)))
(core instance $main (instantiate $Main
  (with "host" (instance (export "get" (func $get))))))
