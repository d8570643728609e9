import { defineCapsule } from "astrid-native/sdk";

function spend(rounds) {
  let sum = 0;
  for (let at = 0; at < rounds; at++) sum += Math.sqrt(at);
  return sum;
}

const acts = {
  echo: ({ value }) => value,
  time: ({ rounds }) => {
    const before = [Date.now(), new Date().valueOf(), globalThis.performance?.now() ?? 0];
    spend(rounds);
    const after = [Date.now(), new Date().valueOf(), globalThis.performance?.now() ?? 0];
    return { before, after };
  },
  chance: (_, { id }) => ({ id, numbers: [Math.random(), Math.random(), Math.random()] }),
  powers: () => ({
    clock: codeOf(() => setTimeout(() => undefined, 1)),
    random: codeOf(() => crypto.getRandomValues(new Uint8Array(1))),
    console: codeOf(() => console.log("heard")),
    names: ["fetch", "process", "require", "Deno", "std", "os", "WebSocket", "scriptArgs"].filter(
      (name) => name in globalThis,
    ),
  }),
  never: () => new Promise(() => undefined),
  throws: ({ code }) => {
    throw Object.assign(new Error("the log does not verify"), { code });
  },
};

function codeOf(act) {
  try {
    act();
    return "ok";
  } catch (error) {
    return error.code ?? error.constructor.name;
  }
}

export default defineCapsule({ handle: (input, context) => acts[input.do](input, context) });
