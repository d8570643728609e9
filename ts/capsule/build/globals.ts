import type { InterfaceName } from "../grants.js";
import { SDK } from "./resolve.js";

/** Web globals that QuickJS lacks: the sdk module each comes from, and the interface it needs. */
const GLOBALS: Readonly<Record<string, { readonly from: string; readonly needs?: InterfaceName }>> =
  {
    AbortController: { from: "abort" },
    AbortSignal: { from: "abort" },
    TextDecoder: { from: "text" },
    TextEncoder: { from: "text" },
    URL: { from: "url" },
    URLSearchParams: { from: "url" },
    clearInterval: { from: "timers", needs: "clock" },
    clearTimeout: { from: "timers", needs: "clock" },
    console: { from: "console", needs: "log" },
    crypto: { from: "crypto", needs: "random" },
    setInterval: { from: "timers", needs: "clock" },
    setTimeout: { from: "timers", needs: "clock" },
    structuredClone: { from: "clone" },
  };

/**
 * What the bundler imports where a module uses one of these names without declaring it. Without
 * the grant it needs, a global is one that throws an error naming the grant at its first use.
 */
export function injectedGlobals(
  interfaces: readonly InterfaceName[],
): Record<string, [string, string]> {
  const entries = Object.entries(GLOBALS).map(([name, { from, needs }]) => {
    const module = needs === undefined || interfaces.includes(needs) ? from : "ungranted";
    return [name, [`${SDK}/web/${module}`, name]] as const;
  });
  return Object.fromEntries(entries.map(([name, [from, as]]) => [name, [from, as]]));
}
