import { parse } from "@bytecodealliance/jco";

/** The component that these fields of its text make. */
export async function component(fields: string): Promise<Uint8Array> {
  return parse(`(component ${fields})`);
}
