import { defineCapsule } from "astrid-native/sdk";
import * as fs from "astrid-native/sdk/fs";

const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (data) => String.fromCharCode(...data);

/** What `act` gives, or the code of its error. */
function attempt(act) {
  try {
    return { ok: act() ?? null };
  } catch (error) {
    return { code: error.code };
  }
}

const calls = {
  read: (path) => text(fs.readFile(path)),
  stat: (path) => fs.stat(path).kind,
  list: (path) => Array.from(fs.list(path), ({ name }) => name),
  write: (path) => fs.writeFile(path, bytes("owned")),
  append: (path) => {
    using file = fs.open(path, { write: true });
    return file.append(bytes("owned"));
  },
  make: (path) => fs.createDirectory(path),
  remove: (path) => fs.remove(path),
  removeAll: (path) => fs.remove(path, { recursive: true }),
  rename: (from, to) => fs.rename(from, to),
  copy: (from, to) => fs.copy(from, to),
  copyAll: (from, to) => fs.copy(from, to, { recursive: true }),
};

const acts = {
  echo: ({ value }) => value,
  /** Each call of the list, one after another: what it gave or its code. */
  tries: ({ list }) => list.map(([call, ...paths]) => attempt(() => calls[call](...paths))),
  /** The same call many times: the different answers. */
  race: ({ times, call, paths }) => {
    const seen = new Set();
    for (let at = 0; at < times; at++) {
      seen.add(JSON.stringify(attempt(() => calls[call](...paths))));
    }
    return Array.from(seen, (answer) => JSON.parse(answer));
  },
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
