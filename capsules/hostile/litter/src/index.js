import { defineCapsule } from "astrid-native/sdk";
import * as fs from "astrid-native/sdk/fs";

/** Twice as many files with each doubling; a few calls make them all. */
function fill(root, doublings) {
  fs.createDirectory(`${root}0`);
  fs.writeFile(`${root}0/file`, new Uint8Array(1));
  for (let at = 0; at < doublings; at++) {
    const made = `${root}${at + 1}`;
    fs.createDirectory(made);
    fs.copy(`${root}${at}`, `${made}/one`, { recursive: true });
    fs.rename(`${root}${at}`, `${made}/other`);
  }
}

/** What times its own file shows, by name and by handle, as it changes. */
function dates(path) {
  using file = fs.open(path, { read: true, write: true, create: true });
  const shown = [];
  for (let at = 0; at < 3; at++) {
    file.append(new Uint8Array(1));
    shown.push(fs.stat(path).modified, file.stat().modified);
  }
  return shown;
}

const descend = (depth) => (depth < 0 ? 0 : 1 + descend(depth + 1));

const acts = {
  echo: ({ value }) => value,
  fill: ({ root, doublings }) => fill(root, doublings),
  fillAndFall: ({ root, doublings }) => {
    fill(root, doublings);
    return descend(0);
  },
  names: ({ root }) => Array.from(fs.list(root), ({ name }) => name),
  dates: ({ path }) => dates(path),
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
