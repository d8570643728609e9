import { parse } from "@bytecodealliance/jco";

/** How the handler is lifted; the first line of a text says which, `;; lift: async` for example. */
const LIFTS = {
  sync: "",
  async: 'async (callback (core func $main "callback"))',
  "post-return": '(post-return (core func $main "post-return"))',
} as const;

const TYPES = `
  (import "astrid:capsule/types@0.1.0" (instance $types
    (type $payload string)
    (export "payload" (type $payload' (eq $payload)))
    (type $refusal
      (record (field "verb" string) (field "resource" string) (field "number" u64)))
    (export "refusal" (type $refusal' (eq $refusal)))
    (type $error (record
      (field "code" string) (field "message" string) (field "refusal" (option $refusal'))))
    (export "error" (type $error' (eq $error)))
    (type $message (record
      (field "topic" string) (field "payload" $payload') (field "sender" string)
      (field "principal" string) (field "authority" string) (field "id" string)))
    (export "message" (type $message' (eq $message)))))
  (alias export $types "payload" (type $payload))
  (alias export $types "error" (type $error))
  (alias export $types "message" (type $message))`;

/** A memory that is zero where a handler's answer is read: \`ok(none)\`. */
const MEMORY = `
  (core module $Memory
    (memory (export "memory") 2)
    (global $end (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
      (global.set $end (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $Memory))
  (core func $return (canon task.return (result (result (option $payload) (error $error)))
    (memory (core memory $memory "memory"))))`;

/**
 * A component whose handler is the core function `handle` of the core instance `$main` that
 * `fields` makes. It may use `$memory`, whose zeroes stand for an answer without payload, and the
 * core function `$return`, which gives one.
 */
export async function framed(fields: string): Promise<Uint8Array> {
  const lift = /^;; lift: (\S+)\n/.exec(fields)?.[1] ?? "";
  if (!Object.hasOwn(LIFTS, lift)) throw new Error(`${JSON.stringify(lift)} is not a lift`);
  return parse(`(component ${TYPES} ${MEMORY}
  ${fields}
  (type $handle
    (func async (param "msg" $message) (result (result (option $payload) (error $error)))))
  (func $handle' (type $handle) (canon lift (core func $main "handle")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))
    ${LIFTS[lift as keyof typeof LIFTS]}))
  (export "handle" (func $handle')))`);
}
