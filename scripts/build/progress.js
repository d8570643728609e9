const SPINNER_MS = 200;
const HEARTBEAT_MS = 30_000;

/**
 * Shows a long step on stderr while `work` runs: a live line on a terminal, else a line at the
 * start, one every half minute and one at the end. `work` is handed `say`, which sets the detail.
 */
export async function withProgress(title, work, stream = process.stderr) {
  const startMs = performance.now();
  const view = stream.isTTY ? liveView(stream, title) : plainView(stream, title);
  let detail = "";
  const timer = setInterval(() => view.tick(elapsed(startMs), detail), view.tickMs);
  try {
    const result = await work((line) => {
      detail = line;
    });
    view.end("done", elapsed(startMs));
    return result;
  } catch (error) {
    view.end("failed", elapsed(startMs));
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function plainView(stream, title) {
  stream.write(`astrid-native: ${title} …\n`);
  return {
    tickMs: HEARTBEAT_MS,
    tick: (time, detail) => stream.write(`astrid-native: ${title} … ${time} ${detail}\n`),
    end: (word, time) => stream.write(`astrid-native: ${title} ${word} in ${time}\n`),
  };
}

function liveView(stream, title) {
  const dim = process.env.NO_COLOR ? (text) => text : (text) => `\x1b[2m${text}\x1b[22m`;
  const show = (text, detail = "") => {
    const room = Math.max(0, (stream.columns ?? 80) - text.length - 2);
    stream.write(`\r\x1b[K${text} ${dim(detail.slice(0, room))}`);
  };
  show(`${title} …`);
  return {
    tickMs: SPINNER_MS,
    tick: (time, detail) => show(`${title} … ${time}`, detail),
    end: (word, time) => stream.write(`\r\x1b[K${title} ${word} in ${time}\n`),
  };
}

function elapsed(startMs) {
  const seconds = (performance.now() - startMs) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}
