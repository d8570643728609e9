/** A page with a text and tables, each with a title of its own if there are several. */
export function page(title, { source, text, tables }) {
  const origin = `<!-- Made by \`npm run docs\` from ${source}. -->`;
  const parts = tables.flatMap(({ title, header, rows }) => [
    "",
    ...(title === undefined ? [] : [`## ${title}`, ""]),
    ...[header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`),
  ]);
  return `${[`# ${title}`, "", origin, "", ...text, ...parts].join("\n")}\n`;
}

export function code(text) {
  return `\`${text}\``;
}
