import { invoke } from "@tauri-apps/api/core";
import { commands, type Failure, type Result } from "../ipc/bindings";

/** Names of each command's arguments, as Rust has them. */
const ARGUMENTS: Record<keyof typeof commands, string[]> = {
  bootState: [],
  bootRetry: [],
  setUp: ["clinic", "person"],
  renewRecoveryKey: ["password"],
  confirmRecoveryKey: ["typed"],
  recover: ["recoveryKey"],
  signIn: ["email", "password"],
  signOut: [],
  findPatients: ["text"],
  recentPatients: [],
  patient: ["id"],
  likelyDuplicates: ["draft"],
  registerPatient: ["draft"],
  editPatient: ["id", "revision", "draft"],
  patientVersions: ["id"],
  lesions: ["patientId"],
  labelLesion: ["lesionId", "label"],
  stageFile: ["path"],
  discardStaged: ["stagedId"],
  keepPhoto: ["request"],
  history: ["patientId", "filter", "before", "limit"],
  historyCounts: ["patientId"],
  photo: ["photoId"],
  addNote: ["analysisId", "text"],
  editNote: ["noteId", "revision", "text"],
  noteVersions: ["noteId"],
  models: [],
  installModel: ["path"],
  useModel: ["sha256"],
  removeModel: ["sha256"],
  analysePending: [],
  storageSummary: [],
  checkIntegrity: [],
  preferences: [],
  setPreferences: ["preferences"],
};
const WITHOUT_RESULT = ["bootState", "bootRetry"];

/** Where the bindings are types only, gives them the calls that the generated ones make. Does nothing to generated ones. */
export function bridgeBindings(): void {
  const target = commands as unknown as Record<string, unknown>;
  for (const [name, names] of Object.entries(ARGUMENTS)) {
    target[name] ??= async (...values: unknown[]) => {
      const args = Object.fromEntries(names.map((argument, nth) => [argument, values[nth]]));
      const call = invoke(snakeCase(name), args);
      return WITHOUT_RESULT.includes(name) ? call : settled(call);
    };
  }
}

async function settled(call: Promise<unknown>): Promise<Result<unknown, Failure>> {
  try {
    return { status: "ok", data: await call };
  } catch (error) {
    if (error instanceof Error) throw error;
    return { status: "error", error: error as Failure };
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
