import { defineCapsule } from "astrid-native/sdk";
import * as fs from "astrid-native/sdk/fs";
import * as kv from "astrid-native/sdk/kv";

const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (data) => (data === null ? null : String.fromCharCode(...data));

let memory = null;
let handle = null;

function attempt(act) {
  try {
    return act() ?? null;
  } catch ({ code }) {
    return code;
  }
}

const acts = {
  hide: ({ secret }) => {
    memory = secret;
    globalThis.secret = secret;
    Object.prototype.secret = secret;
    kv.set("secret", bytes(secret));
    fs.writeFile("data://secret", bytes(secret));
    fs.writeFile("tmp://secret", bytes(secret));
  },
  seek: () => ({
    memory,
    global: globalThis.secret ?? null,
    prototype: {}.secret ?? null,
    kv: text(kv.get("secret")),
    data: attempt(() => text(fs.readFile("data://secret"))),
    tmp: attempt(() => text(fs.readFile("tmp://secret"))),
  }),
  keepFile: () => {
    fs.writeFile("tmp://kept", bytes("kept"));
    handle = fs.open("tmp://kept", { read: true, write: true });
    return text(handle.read(0, 4));
  },
  useFile: () => ({
    read: attempt(() => text(handle.read(0, 4))),
    write: attempt(() => handle.write(0, bytes("late"))),
    append: attempt(() => handle.append(bytes("late"))),
    truncate: attempt(() => handle.truncate(0)),
    stat: attempt(() => handle.stat().size),
    sync: attempt(() => handle.sync()),
    still: attempt(() => text(fs.readFile("tmp://kept"))),
  }),
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
