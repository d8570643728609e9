import { defineCapsule } from "astrid-native/sdk";
import * as fs from "astrid-native/sdk/fs";
import { publish } from "astrid-native/sdk/ipc";
import * as kv from "astrid-native/sdk/kv";
import * as log from "astrid-native/sdk/log";
import * as random from "astrid-native/sdk/random";

const U32_MAX = 2 ** 32 - 1;
const text = (bytes) => "x".repeat(bytes);
const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);

function file() {
  fs.writeFile("tmp://file", Uint8Array.of(1, 2, 3));
  return fs.open("tmp://file", { read: true, write: true });
}

const acts = {
  echo: ({ value }) => value,
  randomBytes: () => random.bytes(U32_MAX).length,
  logLine: ({ bytes }) => log.info(text(bytes)),
  fileRead: () => file().read(0, U32_MAX).length,
  fileWrite: ({ bytes }) => file().write(0, new Uint8Array(bytes)),
  fileOffset: () => file().write(2 ** 53 - 1, Uint8Array.of(1)),
  fileSize: () => file().truncate(2 ** 53 - 1),
  filePath: ({ bytes }) => fs.stat(`tmp://${text(bytes)}`),
  fileAfter: () => [...fs.list("tmp://")].length,
  kvValue: ({ bytes }) => kv.set("key", new Uint8Array(bytes)),
  kvKey: ({ bytes }) => kv.set(text(bytes), new Uint8Array(1)),
  kvList: ({ limit }) => kv.list("", null, limit),
  topic: ({ bytes }) => publish(text(bytes), 1),
  payload: ({ bytes }) => publish("a", text(bytes)),
  deepPayload: ({ depth }) => publish("a", JSON.parse(nested(depth))),
  answer: ({ bytes }) => text(bytes),
  deepAnswer: ({ depth }) => JSON.parse(nested(depth)),
  error: ({ bytes }) => {
    throw Object.assign(new Error(text(bytes)), { code: "A".repeat(bytes) });
  },
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
