// Asks for reading the workspace, which is granted, and then tries what it was never given.
import { defineCapsule } from "astrid-native/sdk";
import { createDirectory, list, open } from "astrid-native/sdk/fs";

const read = (path) => () => open(path, { read: true });

const HOOK = "workspace://.git/hooks/post-checkout";

const ATTEMPTS = [
  ["read the secrets", read("workspace://.env")],
  ["read a private key", read("workspace://.ssh/id_ed25519")],
  ["leave the workspace", read("workspace://../../etc/passwd")],
  ["plant a git hook", () => open(HOOK, { write: true, create: true })],
  ["make a folder", () => createDirectory("workspace://loot")],
];

export default defineCapsule({
  handle() {
    const seen = [...list("workspace://")].length;
    const loot = [];
    for (const [what, attempt] of ATTEMPTS) {
      try {
        attempt();
        loot.push(what);
      } catch (error) {
        console.warn(`could not ${what}: ${error.code}`);
      }
    }
    return { seen, loot };
  },
});
