import { expect, test } from "@jest/globals";

import { logLine, parseAnchors, shortAnchor } from "../../../ts/audit/anchors.js";
import { keptOf } from "../../../ts/audit/notes-file.js";
import { codeOf } from "./code.js";
import { Home } from "./home.js";

const ROOT = "0123456789abcdef".repeat(4);
const root = new Uint8Array(Buffer.from(ROOT, "hex"));

test.each([
  [0n, `log: 0 records, root ${ROOT}`],
  [1n, `log: 1 record, root ${ROOT}`],
  [999n, `log: 999 records, root ${ROOT}`],
  [1_234n, `log: 1,234 records, root ${ROOT}`],
  [2n ** 64n - 1n, `log: 18,446,744,073,709,551,615 records, root ${ROOT}`],
])("%d records are one line, which is read again among others", (size, line) => {
  expect(logLine({ size, root })).toBe(line);
  const text = `$ astrid-native run\ndone 12 ms\r\n${line}\r\n\nok\n${line}\n`;
  expect(parseAnchors(Buffer.from(text), "")).toEqual([
    { size, root },
    { size, root },
  ]);
  expect(shortAnchor(`${size}:${ROOT}`)).toEqual({ size, root });
});

test("what a capsule printed is no such line", async () => {
  for (const line of [
    `info probe: log: 9 records, root ${ROOT}`,
    `log: 9 records, root ${ROOT}0`,
  ]) {
    expect(await codeOf(() => parseAnchors(Buffer.from(`${line}\n`), ""))).toBe(
      "ASTRID_AUDIT_NOTE",
    );
  }
});

test.each([
  "kept.txt",
  `1234:${ROOT.slice(1)}`,
  `01:${ROOT}`,
  `18446744073709551616:${ROOT}`,
  `-1:${ROOT}`,
  `1:${ROOT.toUpperCase()}`,
])("%s is no short anchor", (text) => expect(shortAnchor(text)).toBeUndefined());

test("words are vouched for by their place alone, and hold without any signature", async () => {
  await using home = await Home.make(1);
  const { records, root: found } = await home.verify();
  const words = shortAnchor(`${records}:${found}`);
  await home.start();
  const anchors = words === undefined ? [] : [words];
  expect(await home.verify(anchors)).toMatchObject({ anchored: 2n, signed: 4n });
  const other = shortAnchor(`2:${ROOT}`);
  expect(await codeOf(() => home.verify(other && [other]))).toBe("ASTRID_AUDIT_ROOT");
  const later = shortAnchor(`5:${found}`);
  expect(await codeOf(() => home.verify(later && [later]))).toBe("ASTRID_AUDIT_CUT");
});

test("a file of notes is read whole; one without an end only where it stands alone", async () => {
  await using home = await Home.make(2);
  const [first = "", second = ""] = await home.notes();
  const { name } = keptOf(Buffer.from(first));
  const sizes = (text: string): bigint[] => {
    return parseAnchors(Buffer.from(text), name).map(({ size }) => size);
  };
  expect(sizes(first)).toEqual([2n]);
  expect(sizes(`${first}\n${second}\n`)).toEqual([2n, 4n]);
  expect(sizes(`${first}\n${second}`)).toEqual([2n, 4n]);
  for (const bad of ["", "\n", `${first}\n${second.slice(0, -3)}`, `${first}${second}`]) {
    expect(await codeOf(() => sizes(bad))).toBe("ASTRID_AUDIT_NOTE");
  }
});
