// The numbers of docs/audit.md that may change: one place, so that reading follows the page.

/** Sizes and bounds in bytes. */
export const HEADER_BYTES = 52;
export const NAME_BYTES = 1024;
export const TEXT_BYTES = 4096;
export const NOTE_BYTES = 65_536;
export const DIGEST_BYTES = 32;

/** Runs whose order is checked at one time. */
export const RUNS = 4096;

/** Optional fields, each at the place of its bit. */
export const FIELDS = [
  ["cause", "u64"],
  ["principal", "name"],
  ["capsule", "name"],
  ["component", "digest"],
  ["authority", "id"],
  ["message", "name"],
  ["verb", "name"],
  ["resource", "text"],
  ["commitment", "digest"],
  ["rule", "text"],
  ["code", "name"],
  ["usage", "usage"],
  ["lost", "u64"],
  ["since", "u64"],
];

/** Bytes of each type of field at its largest: a text may be cut, and then has a digest. */
const LARGEST = {
  u64: 8,
  id: 8,
  digest: DIGEST_BYTES,
  usage: 48,
  name: 2 + NAME_BYTES + DIGEST_BYTES,
  text: 2 + TEXT_BYTES + DIGEST_BYTES,
};

/** No body is larger than all fields at their largest. */
export const BODY_BYTES = FIELDS.reduce((sum, [, type]) => sum + LARGEST[type], HEADER_BYTES);

export const VERDICTS = ["none", "deny", "ask", "allow"];

export const OUTCOMES = [
  "none",
  "done",
  "guest-error",
  "trap",
  "out-of-fuel",
  "deadline",
  "out-of-memory",
  "stack-overflow",
  "denied",
  "refused",
  "revoked",
  "cancelled",
  "ok",
  "error",
  "not-sent",
  "sent",
  "unknown",
];

const SUBJECT = "principal capsule component authority message";

/** Kinds by their code: name, what one has, what it may have. */
export const KINDS = new Map([
  [1, kind("kernel.start", "", "principal resource")],
  [2, kind("kernel.stop", "", "principal cause outcome code usage")],
  [
    3,
    kind("capsule.load", "outcome", `${SUBJECT} cause resource commitment verdict rule code usage`),
  ],
  [4, kind("capsule.unload", "", `${SUBJECT} cause outcome code usage`)],
  [
    5,
    kind(
      "message.deliver",
      "",
      `${SUBJECT} cause verdict verb resource commitment rule outcome code since`,
    ),
  ],
  [6, kind("message.end", "outcome", `${SUBJECT} cause code usage`)],
  [
    7,
    kind(
      "call",
      "verb verdict outcome",
      `${SUBJECT} cause resource commitment rule code usage since`,
    ),
  ],
  [8, kind("call.decision", "verb verdict", `${SUBJECT} cause resource commitment rule`)],
  [9, kind("call.outcome", "cause outcome", `${SUBJECT} verb resource commitment code usage`)],
  [
    10,
    kind("wasi", "verb", `${SUBJECT} cause resource commitment verdict rule outcome code usage`),
  ],
  [11, kind("log.recovered", "lost", "")],
  [12, kind("log.lost", "lost", "")],
  [13, kind("key.epoch", "resource", "principal")],
  [14, kind("log.pruned", "resource", "principal")],
  [15, kind("log.origin", "resource", "principal")],
  [16, kind("grant.change", "verb verdict", `${SUBJECT} cause resource commitment rule`)],
  [17, kind("config.change", "resource", `${SUBJECT} cause commitment`)],
  [18, kind("log.charge", "outcome", `${SUBJECT} code since`)],
]);

function kind(name, has, mayHave) {
  const words = (text) => text.split(" ").filter((word) => word !== "");
  return { name, has: words(has), all: new Set([...words(has), ...words(mayHave)]) };
}
