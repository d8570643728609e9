import { isTest, lineAt, type SourceFile } from "./tree.js";

/** What may not be written where, and what to write instead. */
interface Ban {
  readonly pattern: RegExp;
  /** Files it holds for. */
  readonly where: RegExp;
  readonly except?: RegExp;
  readonly instead: string;
  /** Whether tests may. */
  readonly testsMay?: boolean;
}

const KERNEL_SIDE = /^ts\/(?!sdk\/)/;
const POWERS = /^ts\/base\/powers\.ts$/;
const ENTRY_POINTS = /^ts\/(?:base\/powers|cli\/main|capsule\/build\/child)\.ts$/;
const EFFECTS = /^ts\/(?:base\/powers\.ts|services\/|capsule\/build\/child\.ts)/;
const RUST = /^native\/.*\.rs$/;
const PURE_RUST = /^native\/src\/(?:base|gate)\//;
const EVERYWHERE = /^(?!LICENSE)/;

// Written so that this table doesn't find itself.
const BANS: readonly Ban[] = [
  {
    pattern:
      /(?:from|import)[ (]["'](?:node:)?(?:fs|net|tls|dgram|http2?|https|child_process)[/"']/g,
    where: KERNEL_SIDE,
    except: EFFECTS,
    instead: "take the few functions you need from ts/base/powers.ts as an argument",
  },
  {
    pattern: /["']undici["']/g,
    where: KERNEL_SIDE,
    except: /^ts\/services\//,
    instead: "make requests in ts/services/ with a permit",
  },
  {
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/g,
    where: KERNEL_SIDE,
    except: POWERS,
    instead: "take a Clock as an argument",
  },
  {
    pattern: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int)\b|\bgetRandomValues\b/g,
    where: KERNEL_SIDE,
    except: POWERS,
    instead: "take Random as an argument",
  },
  {
    pattern: /(?<![./\w])process\.\w+/g,
    where: KERNEL_SIDE,
    except: ENTRY_POINTS,
    instead: "take what you need of Powers as an argument; verbs return their exit code",
  },
  {
    pattern: /\bJSON\.parse\(/g,
    where: KERNEL_SIDE,
    except: /^ts\/base\/json\.ts$/,
    instead: "use parseJson of ts/base/json.ts, which is bounded",
  },
  {
    pattern: /\.node["'`]/g,
    where: /^ts\//,
    except: /^ts\/(?:native|kernel\/addon)\.ts$/,
    instead: "use ts/native.ts",
  },
  {
    pattern: /\bas unknown as\b|\bas any\b/g,
    where: /^(?:ts|capsules)\//,
    instead: "narrow with a check",
  },
  { pattern: /\beval\(|\bnew Function\(/g, where: /\.[jt]s$/, instead: "write the code itself" },
  {
    pattern: /\bstd::(?:fs|net|process|env|thread|time)\b/g,
    where: PURE_RUST,
    instead: "base and gate are pure: let the caller do it",
    testsMay: true,
  },
  {
    pattern: /#!?\[allow\((?!missing_docs|clippy::all)/g,
    where: RUST,
    instead: 'write #[expect(…, reason = "…")]',
  },
  {
    // In comments only: a capsule that searches has such words in its tests.
    pattern: /(?:\/\/|\*|#|<!--).*\b(?:T[O]DO|F[I]XME|X[X]X)\b/g,
    where: EVERYWHERE,
    except: /^__tests__\/ts\/capsule\/search\//,
    instead: "finish it, or leave it out",
  },
  {
    pattern: /\bd[b]g!|\bt[o]do!|\bu[n]implemented!|\bd[e]bugger;/g,
    where: EVERYWHERE,
    instead: "finish it, or leave it out",
  },
  { pattern: /\b(?:it|test|describe)\.(?:only|skip)\(/g, where: /\.[jt]s$/, instead: "run all" },
  {
    pattern: /\/w[o]rk\/|\bissue #\d|registry\.[a-z]+js\.org|static\.crates/g,
    where: EVERYWHERE,
    instead: "name nothing outside of the project",
  },
];

/** Uses of banned things, each with what to write instead. */
export function bannedUses(file: SourceFile): string[] {
  return BANS.flatMap(({ pattern, where, except, instead, testsMay }) => {
    if (!where.test(file.path) || except?.test(file.path)) return [];
    if (testsMay === true && isTest(file)) return [];
    return [...file.text.matchAll(pattern)].map(
      (match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[0]}: ${instead}`,
    );
  });
}
