import { describe, expect, test } from "@jest/globals";

import { parseGrant, type VerbKinds } from "../../../ts/policy/grant.js";
import { makePlan, type Plan } from "../../../ts/policy/plan.js";

const KINDS: VerbKinds = new Map([
  ["fs.read", "path"],
  ["fs.write", "path"],
  ["ipc.publish", "topic"],
  ["kv.read", "key"],
  ["log.write", "nothing"],
] as const);

function plan(
  requests: readonly string[],
  flags: readonly string[] = [],
  hasWorkspace = true,
): Plan {
  return makePlan({
    requests: requests.flatMap(parseGrant),
    flags: flags.flatMap(parseGrant),
    hasWorkspace,
    kinds: KINDS,
  });
}

function patterns({ grants }: Plan): string[] {
  return grants.map(({ verb, pattern }) => `${verb}=${pattern}`);
}

describe("a plan", () => {
  test("gives what harms nobody, and nothing that is not asked for", () => {
    const made = plan([
      "log.write",
      "kv.read=*",
      "fs.write=tmp://**",
      "fs.read=workspace://src/**",
    ]);
    expect(made.missing).toEqual([]);
    expect(patterns(made)).toEqual([
      "log.write=",
      "kv.read=*",
      "fs.write=tmp://**",
      "fs.read=workspace://src/**",
    ]);
    expect(plan([]).grants).toEqual([]);
  });

  test.each([
    "fs.write=workspace://out/**",
    "fs.read=data://**",
    "fs.write=data://x",
    "ipc.publish=a.b",
  ])("does not give %s without a word", (request) => {
    const made = plan([request]);
    expect(made.missing).toEqual(parseGrant(request));
    expect(made.grants).toEqual([]);
  });

  test.each([".env", ".ENV", "{a,.env}", "a/.ssh/id_rsa", "ｅ", "GIT~1", ".env."])(
    "does not give reading %s because a manifest writes the name out",
    (name) => {
      expect(plan([`fs.read=workspace://${name}`]).missing).toHaveLength(1);
      expect(
        plan([`fs.read=workspace://${name}`], ["fs.read=workspace://**"]).missing,
      ).toHaveLength(1);
    },
  );

  test("gives what a flag covers, by the flag", () => {
    const made = plan(["fs.write=workspace://out/**"], ["fs.write=workspace://**"]);
    expect(made.requests[0]?.standing).toBe("flag");
    expect(made.grants).toEqual([
      { verb: "fs.write", pattern: "workspace://**", rule: "run --grant fs.write=workspace://**" },
    ]);
  });

  test("lets a flag inside a request narrow it", () => {
    const made = plan(["fs.write=workspace://**"], ["fs.write=workspace://out/**"]);
    expect(made.requests[0]?.standing).toBe("narrowed");
    expect(patterns(made)).toEqual(["fs.write=workspace://out/**"]);
  });

  test("does not take a flag about a protected name for an answer to a wide request", () => {
    const made = plan(["fs.write=workspace://**"], ["fs.write=workspace://.git/config"]);
    expect(made.missing).toHaveLength(1);
  });

  test("says which flags nobody asked for", () => {
    expect(plan(["log.write"], ["kv.read=*"]).unasked).toEqual(parseGrant("kv.read=*"));
  });

  test("has no right on a workspace that isn't there", () => {
    const made = plan(["fs.read=workspace://**"], [], false);
    expect(made.needsWorkspace).toBe(true);
    expect(made.missing).toHaveLength(1);
    expect(() => plan([], ["fs.read=workspace://**"], false)).toThrow(
      expect.objectContaining({ code: "ASTRID_WORKSPACE" }),
    );
  });
});
