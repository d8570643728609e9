import type { Context } from "./context.js";

const FIRST_MS = 1000;
const NEXT_MS = 10_000;

/**
 * What `act` returns; after a second, and then every ten, stderr says what takes so long, and how
 * far it is if `progress` can tell.
 */
export async function withProgress<T>(
  { powers, print }: Pick<Context, "powers" | "print">,
  what: string,
  act: () => Promise<T>,
  progress?: () => string,
): Promise<T> {
  const { clock } = powers;
  const startMs = clock.monotonicMs();
  const timer = new AbortController();
  const seconds = (): string => ((clock.monotonicMs() - startMs) / 1000).toFixed(1);
  let isShown = false;
  const show = async (): Promise<void> => {
    for (let waitMs = FIRST_MS; ; waitMs = NEXT_MS) {
      await clock.sleepMs(waitMs, timer.signal);
      const so = [isShown ? `${seconds()} s` : "", progress?.() ?? ""].filter(Boolean).join(", ");
      print.line(`${what} … ${so}`.trimEnd(), "dim");
      isShown = true;
    }
  };
  const showing = show().catch(() => undefined);
  try {
    const result = await act();
    if (isShown) print.line(`${what} took ${seconds()} s`, "dim");
    return result;
  } finally {
    timer.abort();
    await showing;
  }
}
