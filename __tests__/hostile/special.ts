import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";

/** Makes a FIFO that nobody reads or writes. */
export async function makeFifo(path: string): Promise<void> {
  await promisify(execFile)("mkfifo", [path]);
}

/** Makes a listening socket. */
export async function makeSocket(path: string): Promise<AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  return {
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
