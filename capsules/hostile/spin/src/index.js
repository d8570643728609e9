import { defineCapsule } from "astrid-native/sdk";

function forever() {
  for (;;);
}

const acts = {
  echo: ({ value }) => value,
  handler: forever,
  microtasks: () => new Promise(() => nextTurn()),
  getter: () => ({
    get answer() {
      return forever();
    },
  }),
  pattern: () => /^(?:a|a)*$/.test(`${"a".repeat(64)}b`),
  afterReply: () => {
    // Queued behind the reply: it runs when the answer is on its way.
    Promise.resolve().then(() => Promise.resolve().then(forever));
    return "replied";
  },
};

function nextTurn() {
  return Promise.resolve().then(nextTurn);
}

export default defineCapsule({ handle: (input) => acts[input.do](input) });
