import type { Code, Failure } from "./bindings";

/** What every command settles to. */
export type Result<T, E> = { status: "ok"; data: T } | { status: "error"; error: E };

/** Codes of the core, and one for what never reached it (a command that is missing or was refused). */
export type UiCode = Code | "unexpected";

/** A command's failure as an exception: `message` is technical English and belongs behind "details". */
export class SeekWellError extends Error {
  override readonly name = "SeekWellError";
  readonly code: UiCode;
  readonly subject: string | null;

  constructor(code: UiCode, message: string, subject: string | null = null) {
    super(message);
    this.code = code;
    this.subject = subject;
  }
}

/** The one place where a command's result becomes a value or an exception. */
export async function unwrap<T>(result: Promise<Result<T, Failure>>): Promise<T> {
  let settled: Result<T, Failure>;
  try {
    settled = await result;
  } catch (thrown) {
    throw asSeekWellError(thrown);
  }
  if (settled.status === "error") throw asSeekWellError(settled.error);
  return settled.data;
}

export function asSeekWellError(thrown: unknown): SeekWellError {
  if (thrown instanceof SeekWellError) return thrown;
  if (isFailure(thrown)) return new SeekWellError(thrown.code, thrown.message, thrown.subject ?? null);
  return new SeekWellError("unexpected", thrown instanceof Error ? thrown.message : String(thrown));
}

function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
