import { parseAst } from "rolldown/parseAst";

import { isTest, lineAt, type SourceFile } from "./tree.js";

const LINES = 70;
const PARAMETERS = 4;

/** A syntax node: its kind, its place, and its parts under their names. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

const FUNCTIONS = new Set(["ArrowFunctionExpression", "FunctionDeclaration", "FunctionExpression"]);

/** Functions of a script that are too long or take too much. */
export function scriptFunctions(file: SourceFile): string[] {
  const program = parseAst(file.text, { lang: file.path.endsWith(".ts") ? "ts" : "js" });
  const problems: string[] = [];
  visit(program as unknown as Node, undefined, (node, parent) => {
    if (!FUNCTIONS.has(node.type)) return;
    const where = `${file.path}:${lineAt(file.text, node.start)}`;
    const suite = isTest(file) && parent?.type === "CallExpression";
    const parameters = (node["params"] as readonly unknown[]).length;
    const lines = lineAt(file.text, node.end) - lineAt(file.text, node.start) + 1;
    problems.push(...judge({ where, parameters, lines: suite ? 0 : lines }));
  });
  return problems;
}

/** Functions of a Rust file that are too long or take too much; `self` isn't counted. */
export function rustFunctions(file: SourceFile): string[] {
  const code = withoutRustText(file.text);
  return [...code.matchAll(/\bfn\s+\w+/g)].flatMap((match) => {
    const open = openingParenthesis(code, match.index + match[0].length);
    const close = closing(code, open);
    const parameters = countParameters(code.slice(open + 1, close));
    const body = code.slice(close).search(/[{;]/) + close;
    const end = code[body] === "{" ? closing(code, body) : close;
    const lines = lineAt(code, end) - lineAt(code, match.index) + 1;
    const where = `${file.path}:${lineAt(code, match.index)}`;
    return judge({ where, parameters, lines });
  });
}

function judge(found: { where: string; parameters: number; lines: number }): string[] {
  const { where, parameters, lines } = found;
  const problems = [];
  if (lines > LINES) problems.push(`${where}: a function of ${lines} lines, at most ${LINES}`);
  if (parameters > PARAMETERS) {
    problems.push(`${where}: ${parameters} parameters, at most ${PARAMETERS}: take one object`);
  }
  return problems;
}

function visit(node: Node, parent: Node | undefined, see: (n: Node, p?: Node) => void): void {
  see(node, parent);
  for (const part of Object.values(node)) {
    for (const child of Array.isArray(part) ? part : [part]) {
      if (typeof child?.type === "string") visit(child as Node, node, see);
    }
  }
}

/** Rust with comments, strings and characters blanked, so that only code holds brackets. */
export function withoutRustText(text: string): string {
  const parts =
    /\/\/[^\n]*|\/\*.*?\*\/|r(#*)".*?"\1|b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\(?:x..|u\{\w+\}|.))'/gs;
  return text.replace(parts, (part) => part.replace(/[^\n]/g, " "));
}

/** The parenthesis that opens the parameters, after the type parameters if there are any. */
function openingParenthesis(code: string, from: number): number {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    if (code[i] === "<") depth += 1;
    if (code[i] === ">" && code[i - 1] !== "-") depth -= 1;
    if (code[i] === "(" && depth === 0) return i;
  }
  return code.length;
}

function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if ("([{".includes(code[i] ?? "")) depth += 1;
    if (")]}".includes(code[i] ?? "")) depth -= 1;
    if (depth === 0) return i;
  }
  return code.length;
}

function countParameters(list: string): number {
  let rest = list.replace(/->/g, "  ");
  // Innermost brackets first, until only the commas between parameters are left.
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replace(/\([^()<>[\]]*\)|<[^()<>[\]]*>|\[[^()<>[\]]*\]/g, "");
  }
  const parameters = rest.split(",").filter((part) => part.trim() !== "");
  return parameters.filter((part) => !/^\s*(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\b/.test(part))
    .length;
}
