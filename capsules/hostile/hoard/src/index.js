import { defineCapsule } from "astrid-native/sdk";
import * as clock from "astrid-native/sdk/clock";
import * as fs from "astrid-native/sdk/fs";

const MIB = 1 << 20;
const hoard = [];

/** How often `act` works, and the code with which it stops. */
function until(times, act) {
  for (let at = 0; at < times; at++) {
    try {
      hoard.push(act());
    } catch ({ code }) {
      return { at, code };
    }
  }
  return { at: times };
}

const descend = (depth) => (depth < 0 ? 0 : 1 + descend(depth + 1));

const acts = {
  echo: ({ value }) => value,
  bytes: () => until(Number.POSITIVE_INFINITY, () => new Uint8Array(MIB).fill(1)),
  objects: () => until(Number.POSITIVE_INFINITY, () => ({ next: hoard.at(-1) })),
  text: () => {
    for (let text = "x"; ; ) text = `${text}${text}${Math.random()}`;
  },
  hugeArray: () => new Uint8Array(2 ** 31).fill(1),
  recursion: () => descend(0),
  files: ({ times }) => {
    fs.writeFile("tmp://file", new Uint8Array(1));
    return until(times, () => fs.open("tmp://file"));
  },
  dropped: ({ times }) => {
    fs.writeFile("tmp://file", new Uint8Array(1));
    for (let at = 0; at < times; at++) fs.open("tmp://file").close();
    return times;
  },
  streams: ({ times }) => {
    fs.writeFile("tmp://file", new Uint8Array(1));
    return until(times, () => {
      using file = fs.open("tmp://file");
      const stream = file.stream();
      // Started, so that the host has made it; then never read again.
      stream.next();
      return stream;
    });
  },
  naps: async ({ times }) => {
    for (let at = 0; at < times; at++) await clock.sleep(0);
    return times;
  },
  sleeps: async ({ times }) => {
    const codes = new Set();
    let pending = 0;
    for (let at = 0; at < times; at++) {
      pending += 1;
      clock.sleep(3_600_000).catch(({ code }) => {
        pending -= 1;
        codes.add(code);
      });
    }
    await clock.sleep(0).catch(() => undefined);
    return { pending, codes: [...codes] };
  },
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
