import { code, page } from "./page.js";

/** Where the page goes. */
export const KINDS_PAGE = "docs/audit-kinds.md";

/** What is recorded of what: kinds and functions as the addon has them, and the commands. */
export function kinds({ kinds, functions, commands }) {
  return page("What is recorded", {
    source: "the addon's tables and tables/commands.json",
    text: [
      "[audit.md](audit.md) says what the classes promise and what each kind tells of. A class is",
      "the weakest durability of such a record; what a call leaves depends on its function, and a",
      "refused call leaves a `call`.",
    ],
    tables: [
      {
        title: "Kinds",
        header: ["kind", "class", "pruning"],
        rows: kinds.map(({ name, class: durable, isKept }) => [
          code(name),
          durable,
          isKept ? "keeps it" : "may remove its body",
        ]),
      },
      {
        title: "Host functions",
        header: ["function", "verb", "class", "leaves"],
        rows: functions.map(({ name, verb, class: durable, kinds }) => [
          code(name),
          verb === undefined ? "" : code(verb),
          durable,
          list(kinds),
        ]),
      },
      {
        title: "Commands",
        header: ["command", "leaves", ""],
        rows: Object.entries(commands).map(([name, { leaves, because }]) => [
          code(name),
          leaves.length === 0 ? "nothing" : list(leaves),
          because,
        ]),
      },
    ],
  });
}

function list(names) {
  return names.map(code).join(", ");
}
