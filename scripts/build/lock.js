import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;

/**
 * Runs `work` while no other process does so under the same lock file. A lock whose process is
 * gone is taken over. The steps below the lock replace files whole, so this is about not doing
 * the work twice rather than about safety.
 */
export async function withLock(path, work, { onWait = () => {} } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = identify(process.pid);
  let waited = false;
  while (!take(path, mine)) {
    const holder = readOwner(path);
    if (holder === undefined) continue;
    if (isGone(holder)) {
      breakLock(path, holder);
      continue;
    }
    if (!waited) onWait(holder.split(" ")[0]);
    waited = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    if (readOwner(path) === mine) rmSync(path, { force: true });
  }
}

/** Makes the lock with its content at once; false when there is one. */
function take(path, mine) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, mine);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Removes the lock of a process that is gone, and puts back what isn't that lock. */
function breakLock(path, holder) {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== holder) linkSync(aside, path);
  } catch (error) {
    // Somebody else was faster: the next turn sees what they made of it.
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readOwner(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isGone(holder) {
  const pid = Number(holder.split(" ")[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === "ESRCH") return true;
  }
  return identify(pid) !== holder;
}

/** A process's number and, where the system tells it, when it started: numbers are used again. */
function identify(pid) {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop();
    return `${pid} ${afterName.split(" ")[19]}`;
  } catch {
    return `${pid}`;
  }
}
