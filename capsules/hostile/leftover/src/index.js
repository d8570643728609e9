import { defineCapsule } from "astrid-native/sdk";
import * as clock from "astrid-native/sdk/clock";
import { publish } from "astrid-native/sdk/ipc";
import * as kv from "astrid-native/sdk/kv";

const codes = [];
const effect = (name) => {
  try {
    kv.set(name, new Uint8Array(1));
    return publish("leftover", name).catch(({ code }) => codes.push(code));
  } catch ({ code }) {
    return codes.push(code);
  }
};

const acts = {
  echo: ({ value }) => value,
  /** The host settles the wait long after the reply. */
  sleep: ({ ms, name }) => {
    clock.sleep(ms).then(
      () => effect(name),
      ({ code }) => codes.push(code),
    );
  },
  timer: ({ ms, name }) => {
    setTimeout(() => effect(name), ms);
  },
  interval: ({ name }) => {
    setInterval(() => effect(name), 1);
  },
  chain: ({ links, name }) => {
    let chain = Promise.resolve();
    for (let at = 0; at < links; at++) chain = chain.then(() => undefined);
    chain.then(() => effect(name));
  },
  keys: () => ({ keys: [...kv.keys("")], codes }),
  wait: async ({ ms }) => {
    await clock.sleep(ms);
    return acts.keys();
  },
};

export default defineCapsule({ handle: (input) => acts[input.do](input) });
