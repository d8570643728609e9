/** Candidates looked at before a file is taken as one that may hold the text. */
const CANDIDATES_MAX = 512;

/** How often bytes occur in source text, roughly: the commonest first, all others after them. */
const COMMON = " etaoinsrlcdpumfgh\n.,-_()\"'/=;:0123456789";

/**
 * A test whether bytes may hold a text, given in one character a byte. It never misses one, and
 * costs about a quarter of a millisecond a MiB where QuickJS takes ten to make a string: it looks
 * for the rarest byte with the engine's own search, and compares only around it.
 */
export function mayHold(needle: string): (bytes: Uint8Array) => boolean {
  const codes = Array.from(needle, (character) => character.charCodeAt(0));
  const at = rarest(needle);
  const rare = codes[at] ?? 0;
  return (bytes) => {
    let candidate = bytes.indexOf(rare, at);
    for (let looked = 0; candidate >= 0; looked++) {
      if (looked === CANDIDATES_MAX) return true;
      const start = candidate - at;
      if (codes.every((code, i) => bytes[start + i] === code)) return true;
      candidate = bytes.indexOf(rare, candidate + 1);
    }
    return false;
  };
}

function rarest(needle: string): number {
  let best = 0;
  let bestRank = -1;
  for (let i = 0; i < needle.length; i++) {
    const common = COMMON.indexOf(needle[i] ?? "");
    const rank = common < 0 ? COMMON.length : common;
    if (rank > bestRank) {
      best = i;
      bestRank = rank;
    }
  }
  return best;
}
