;; The guest of the benches: one operation a message, named by the payload.
;;
;; The payload is a JSON string: a letter, then how often. "n0" does nothing, "c" asks the clock,
;; "g" reads a setting whose key has 64 bytes, "l" logs 64 bytes, "L" logs 4 KiB, "s" spins.
(component
  (import "astrid:capsule/types@0.1.0" (instance $types
    (type $r (record (field "verb" string) (field "resource" string) (field "number" u64)))
    (export "refusal" (type $refusal (eq $r)))
    (type $e (record
      (field "code" string) (field "message" string) (field "refusal" (option $refusal))))
    (export "error" (type (eq $e)))
    (type $m (record
      (field "topic" string) (field "payload" string) (field "sender" string)
      (field "principal" string) (field "authority" string) (field "id" string)))
    (export "message" (type (eq $m)))))
  (alias export $types "error" (type $error))
  (alias export $types "message" (type $message))
  (import "astrid:capsule/clock@0.1.0" (instance $clock
    (alias outer 1 $error (type $outer))
    (export "error" (type $error (eq $outer)))
    (type $answer (result u64 (error $error)))
    (export "now" (func (result $answer)))))
  (import "astrid:capsule/config@0.1.0" (instance $config
    (alias outer 1 $error (type $outer))
    (export "error" (type $error (eq $outer)))
    (type $value (option string))
    (type $answer (result $value (error $error)))
    (export "get" (func (param "key" string) (result $answer)))))
  (import "astrid:capsule/log@0.1.0" (instance $log
    (alias outer 1 $error (type $outer))
    (export "error" (type $error (eq $outer)))
    (type $l (enum "debug" "info" "warn" "error"))
    (export "level" (type $level (eq $l)))
    (type $answer (result (error $error)))
    (export "write" (func (param "level" $level) (param "text" string) (result $answer)))))

  (core module $memory_module
    (memory (export "memory") 2)
    (global $top (export "top") (mut i32) (i32.const 65536))
    ;; Grows only: the top is set back when a message ends.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory_module))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $now (canon lower (func $clock "now") (memory $m) (realloc $realloc)))
  (core func $get (canon lower (func $config "get") (memory $m) (realloc $realloc)))
  (core func $write (canon lower (func $log "write") (memory $m) (realloc $realloc)))

  (core module $main_module
    (import "memory" "memory" (memory 2))
    (import "memory" "top" (global $top (mut i32)))
    (import "host" "now" (func $now (param i32)))
    (import "host" "get" (func $get (param i32 i32 i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    ;; 0: a host call's answer. 1024: the handler's, an absent payload. 4096: text.
    (func $digits (param $at i32) (param $end i32) (result i32)
      (local $sum i32)
      (block $out
        (loop $next
          (br_if $out (i32.ge_u (local.get $at) (local.get $end)))
          (local.set $sum (i32.add
            (i32.mul (local.get $sum) (i32.const 10))
            (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      (local.get $sum))
    (func $once (param $what i32)
      (if (i32.eq (local.get $what) (i32.const 0x63)) ;; c
        (then (call $now (i32.const 0)) (return)))
      (if (i32.eq (local.get $what) (i32.const 0x67)) ;; g
        (then (call $get (i32.const 4096) (i32.const 64) (i32.const 0)) (return)))
      (if (i32.eq (local.get $what) (i32.const 0x6c)) ;; l
        (then (call $write (i32.const 1) (i32.const 4096) (i32.const 64) (i32.const 0)) (return)))
      (if (i32.eq (local.get $what) (i32.const 0x4c)) ;; L
        (then (call $write (i32.const 1) (i32.const 4096) (i32.const 4096) (i32.const 0))
          (return)))
      (if (i32.eq (local.get $what) (i32.const 0x73)) ;; s
        (then (loop $spin (br $spin)))))
    (func (export "handle")
      (param $topic i32) (param i32) (param $payload i32) (param $bytes i32)
      (param i32) (param i32) (param i32) (param i32) (param i32) (param i32) (param i32)
      (param i32) (result i32)
      (local $left i32) (local $what i32)
      (local.set $what (i32.load8_u offset=1 (local.get $payload)))
      (local.set $left (call $digits
        (i32.add (local.get $payload) (i32.const 2))
        (i32.add (local.get $payload) (i32.sub (local.get $bytes) (i32.const 1)))))
      (block $out
        (loop $next
          (br_if $out (i32.eqz (local.get $left)))
          (call $once (local.get $what))
          ;; A host call that fails would make the figure a lie.
          (if (i32.load8_u (i32.const 0)) (then unreachable))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $next)))
      (global.set $top (i32.const 65536))
      (i32.const 1024))
    (func $fill (local $at i32)
      (loop $next
        (i32.store8 offset=4096 (local.get $at) (i32.const 0x6b))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 4096)))))
    (start $fill))
  (core instance $main (instantiate $main_module
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "now" (func $now)) (export "get" (func $get)) (export "write" (func $write))))))

  (type $payload (option string))
  (import "message" (type $message_name (eq $message)))
  (import "error" (type $error_name (eq $error)))
  (type $answer (result $payload (error $error_name)))
  (func $handle async (param "msg" $message_name) (result $answer)
    (canon lift (core func $main "handle") (memory $m) (realloc $realloc)))
  (export "handle" (func $handle)))
