/** A global that throws an error naming its grant as soon as anything is done with it. */
function ungranted<T extends object>(name: string, verb: string): T {
  const refuse = (): never => {
    throw new TypeError(`${name} needs the grant "${verb}" in Capsule.toml`);
  };
  return new Proxy(refuse, { apply: refuse, construct: refuse, get: refuse, set: refuse }) as never;
}

/** Needs `log.write`. */
export const console = ungranted("console", "log.write");
/** Needs `random.read`. */
export const crypto = ungranted("crypto", "random.read");
/** Needs `clock.read`. */
export const setTimeout = ungranted("setTimeout", "clock.read");
/** Needs `clock.read`. */
export const clearTimeout = ungranted("clearTimeout", "clock.read");
/** Needs `clock.read`. */
export const setInterval = ungranted("setInterval", "clock.read");
/** Needs `clock.read`. */
export const clearInterval = ungranted("clearInterval", "clock.read");
