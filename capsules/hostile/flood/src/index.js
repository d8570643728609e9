import { defineCapsule } from "astrid-native/sdk";
import { publish } from "astrid-native/sdk/ipc";
import * as kv from "astrid-native/sdk/kv";
import * as log from "astrid-native/sdk/log";

/** How often `act` works, and the code with which it stops. */
function until(times, act) {
  for (let at = 0; at < times; at++) {
    try {
      act(at);
    } catch ({ code }) {
      return { at, code };
    }
  }
  return { at: times };
}

function codeOf(act) {
  try {
    act();
    return "ok";
  } catch ({ code }) {
    return code;
  }
}

const acts = {
  echo: ({ value }) => value,
  log: ({ text, times = 1 }) => until(times, () => log.info(text)),
  publish: async ({ times, topic = "a" }) => {
    const codes = {};
    const count = (code) => {
      codes[code] = (codes[code] ?? 0) + 1;
    };
    const sent = Array.from({ length: times }, () => publish(topic, 1));
    for (const one of sent) await one.then(() => count("ok")).catch(({ code }) => count(code));
    return codes;
  },
  set: ({ key, bytes, times }) =>
    until(times, (at) => kv.set(`${key}${at}`, new Uint8Array(bytes))),
  keys: ({ keys }) => keys.map((key) => codeOf(() => kv.set(key, new Uint8Array(1)))),
  surrogate: () => codeOf(() => kv.set("\ud800", new Uint8Array(1))),
  list: () => [...kv.keys("")],
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
