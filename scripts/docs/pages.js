import { code, page } from "./page.js";

/** The generated pages: where each goes, from which table, and how. */
export const PAGES = [
  { path: "docs/limits.md", table: "tables/limits.json", render: limits },
  { path: "docs/errors.md", table: "tables/errors.json", render: errors },
  { path: "docs/protected-names.md", table: "tables/protected.json", render: protectedNames },
];

const EXIT_CODES = {
  guest: 1,
  usage: 2,
  denied: 3,
  limit: 4,
  trap: 5,
  load: 6,
  integrity: 7,
  internal: 70,
  cancelled: 130,
};

const MATCHES = {
  name: (text) => text,
  prefix: (text) => `${text}*`,
  suffix: (text) => `*${text}`,
};

function limits(table) {
  const rows = Object.entries(table).map(([name, { value, unit, reason, min, max }]) => [
    code(name),
    group(value),
    unit,
    min === undefined ? "" : `${group(min)} to ${group(max)}`,
    reason,
  ]);
  return page("Limits", {
    source: "tables/limits.json",
    text: [
      "Everything that can grow has a bound. These are the bounds that a capsule or a caller can",
      "meet; one that concerns a single file of the code stands there. Going over one is an error",
      "or back-pressure; nothing is dropped without a word. A range is what a caller may ask for.",
    ],
    tables: [{ header: ["limit", "value", "unit", "adjustable", "reason"], rows }],
  });
}

function errors(table) {
  const rows = Object.entries(table).map(([name, { category, meaning, action }]) => [
    code(name),
    category,
    EXIT_CODES[category],
    meaning,
    action,
  ]);
  return page("Errors", {
    source: "tables/errors.json",
    text: [
      "Match the code, never the message. The category decides the exit code of the command line,",
      "which is 0 when all went well.",
    ],
    tables: [{ header: ["code", "category", "exit", "meaning", "what to do"], rows }],
  });
}

function protectedNames(table) {
  const rows = table.map(({ match, text, protects, what }) => [
    code(MATCHES[match](text)),
    protects === "write" ? "written" : "read or written",
    what,
  ]);
  return page("Protected names", {
    source: "tables/protected.json",
    text: [
      "A file or folder with such a name, in any place of a path and in any spelling that a file",
      "system takes for the same, is opened only by a grant that writes the name out: neither `*`",
      "nor `**` covers it. Lists leave out what can't be read.",
    ],
    tables: [{ header: ["name", "can't be", "because it is"], rows }],
  });
}

/** Digits in groups of three: 1,048,576. */
function group(value) {
  return value.toLocaleString("en-US");
}
