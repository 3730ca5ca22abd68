import type { Failure } from "../ipc/bindings";

export type Arguments = Record<string, unknown>;
export type Handlers = Record<string, (args: Arguments) => unknown>;

/** As a command fails. */
export function fail(code: Failure["code"], subject: string | null = null): never {
  throw { code, message: `demo: ${code}`, subject } satisfies Failure;
}

export const now = () => new Date().toISOString();

export function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d").trim();
}
