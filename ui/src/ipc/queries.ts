import {
  keepPreviousData,
  type QueryClient,
  type QueryKey,
  queryOptions,
  skipToken,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type {
  Changed,
  ConflictChoice,
  Failure,
  HistoryFilter,
  HistoryPage,
  ItemState,
  KeepRequest,
  NewPerson,
  PatientDraft,
  PhotoDetail,
  Preferences,
  Rendition,
  Role,
  SyncSettings,
  WhichUrgent,
} from "./bindings";
import { commands, events } from "./bindings";
import { type Result, type SeekWellError, unwrap } from "./failure";
import { endListening } from "./listening";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: SeekWellError;
  }
}

const HISTORY_PAGE = 100;
const URGENT_PAGE = 50;
/** Ages grow, and an event may be lost with a restarted window. */
const URGENT_POLL_MS = 60_000;
export const PENDING_POLL_MS = 3000;
const CHANGES_GATHERED_FOR_MS = 300;
const SYNC_ASKED_EVERY_MS = 30_000;
/** Enough to look through; the report holds all. */
const UNSENT_SHOWN = 100;

export const keys = {
  boot: ["workstation", "boot"],
  storage: ["workstation", "storage"],
  integrity: ["workstation", "integrity"],
  retention: ["workstation", "retention"],
  purgeable: (days: number) => ["workstation", "purgeable", days],
  preferences: ["preferences"],
  patients: ["patients"],
  found: (text: string) => ["patients", "found", text],
  patient: (id: string) => ["patients", "one", id],
  patientVersions: (id: string) => ["patients", "versions", id],
  photos: ["photos"],
  photo: (id: string) => ["photos", "one", id],
  images: ["photos", "image"],
  image: (photoId: string, rendition: Rendition) => ["photos", "image", photoId, rendition],
  measured: (photoId: string, asked: object | null) => ["measured", photoId, asked],
  lesions: (patientId: string) => ["photos", "lesions", patientId],
  histories: (patientId: string) => ["photos", "history", patientId],
  history: (patientId: string, filter: HistoryFilter) => ["photos", "history", patientId, filter],
  counts: (patientId: string) => ["photos", "counts", patientId],
  noteVersions: (noteId: string) => ["notes", noteId],
  models: ["models"],
  analysisSettings: ["models", "settings"],
  reanalysis: ["models", "reanalysis"],
  urgent: ["urgent"],
  urgentSummary: ["urgent", "summary"],
  urgentCases: (which: WhichUrgent) => ["urgent", "cases", which],
  urgentCase: (photoId: string) => ["urgent", "case", photoId],
  sync: ["sync"],
  syncStatus: ["sync", "status"],
  unsent: ["sync", "unsent"],
  conflicts: ["sync", "conflicts"],
  deliveries: (photoIds: string[]) => ["sync", "deliveries", photoIds],
  leftovers: ["sync", "leftovers"],
  centre: ["sync", "centre"],
  syncSettings: ["sync", "settings"],
} as const;

/* ---- the workstation ---- */

/** What the first picture needs. */
export const ask = {
  boot: queryOptions({ queryKey: keys.boot, queryFn: () => unwrap(commands.bootState()) }),
  preferences: queryOptions({
    queryKey: keys.preferences,
    queryFn: () => unwrap(commands.preferences()),
    staleTime: Infinity,
  }),
};

export const useBoot = () => useQuery(ask.boot);

/** What the person at the window may do; the core decides it again. */
export function useRole(): Role | null {
  const { data } = useBoot();
  return data?.state === "signed_in" ? data.person.role : null;
}

/** Everybody but a patient who looks at their own record. */
export function useIsStaff(): boolean {
  const role = useRole();
  return role !== null && role !== "PATIENT";
}

export function useBootRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(commands.bootRetry()),
    onSuccess: (state) => client.setQueryData(keys.boot, state),
  });
}

/** The new recovery key is on screen when this is done, so the boot state stays as it was until that step is over. */
export const useSetUp = () =>
  useMutation({
    mutationFn: ({ clinic, person }: { clinic: string; person: NewPerson }) => unwrap(commands.setUp(clinic, person)),
  });
export const useRenewRecoveryKey = () =>
  useMutation({ mutationFn: (password: string) => unwrap(commands.renewRecoveryKey(password)) });
export const useConfirmRecoveryKey = () =>
  useCommand(
    (typed: string[]) => commands.confirmRecoveryKey(typed),
    () => [["workstation"]],
  );
export const useRecover = () =>
  useCommand(
    (key: string) => commands.recover(key),
    () => [keys.boot],
  );
export const useSignIn = () =>
  useCommand(
    ({ email, password }: { email: string; password: string }) => commands.signIn(email, password),
    () => [keys.boot],
  );

/** Nothing that one person read stays in memory for the next. */
export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(commands.signOut()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.boot });
      client.removeQueries({
        predicate: ({ queryKey }) => !["workstation", "preferences"].includes(String(queryKey[0])),
      });
    },
  });
}

export const usePreferences = () => useQuery(ask.preferences);

/** Takes effect at once; a preference that could not be written is no reason to stop anybody. */
export function useSetPreferences() {
  const client = useQueryClient();
  const { mutate } = useMutation({ mutationFn: (all: Preferences) => unwrap(commands.setPreferences(all)) });
  return (change: Partial<Preferences>) => {
    const known = client.getQueryData<Preferences>(keys.preferences);
    const all: Preferences = {
      language: null,
      theme: "system",
      last_route: null,
      urgent_sound: null,
      ...known,
      ...change,
    };
    client.setQueryData(keys.preferences, all);
    mutate(all);
  };
}

/* ---- patients ---- */

/** Patients whose name, phone or id holds `text`; the recent ones while it is empty. */
export const usePatients = (text: string) =>
  useQuery({
    queryKey: keys.found(text),
    queryFn: () => unwrap(text ? commands.findPatients(text) : commands.recentPatients()),
    placeholderData: keepPreviousData,
  });
export const usePatient = (id: string) =>
  useQuery({ queryKey: keys.patient(id), queryFn: () => unwrap(commands.patient(id)) });
export const usePatientVersions = (id: string) =>
  useQuery({ queryKey: keys.patientVersions(id), queryFn: () => unwrap(commands.patientVersions(id)) });
export const useLikelyDuplicates = () =>
  useMutation({ mutationFn: (draft: PatientDraft) => unwrap(commands.likelyDuplicates(draft)) });
export const useRegisterPatient = () =>
  useCommand(
    (draft: PatientDraft) => commands.registerPatient(draft),
    () => [keys.patients],
  );
export const useEditPatient = (id: string) =>
  useCommand(
    ({ revision, draft }: { revision: number; draft: PatientDraft }) => commands.editPatient(id, revision, draft),
    () => [keys.patients, ["photos", "one"]],
  );
export const useSetLegalHold = (id: string) =>
  useCommand(
    (on: boolean) => commands.setLegalHold(id, on),
    () => [keys.patients, ["photos", "one"], keys.retention],
  );
/** Photos that waited for it, or may not be asked about any more, say so. */
export const useSetCloudConsent = (id: string) =>
  useCommand(
    (given: boolean) => commands.setCloudConsent(id, given),
    () => [keys.patients, keys.photos],
  );
export const useLesions = (patientId: string) =>
  useQuery({ queryKey: keys.lesions(patientId), queryFn: () => unwrap(commands.lesions(patientId)) });
export const useLabelLesion = (patientId: string) =>
  useCommand(
    ({ lesionId, label }: { lesionId: string; label: string | null }) => commands.labelLesion(lesionId, label),
    () => [keys.lesions(patientId), keys.histories(patientId), ["photos", "one"]],
  );

/* ---- photos ---- */

export const useHistory = (patientId: string, filter: HistoryFilter) =>
  useInfiniteQuery({
    queryKey: keys.history(patientId, filter),
    queryFn: ({ pageParam }) => unwrap(commands.history(patientId, filter, pageParam, HISTORY_PAGE)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
export const useHistoryCounts = (patientId: string) =>
  useQuery({ queryKey: keys.counts(patientId), queryFn: () => unwrap(commands.historyCounts(patientId)) });
export const usePhoto = (photoId: string | undefined) =>
  useQuery({
    queryKey: keys.photo(photoId ?? "none"),
    queryFn: photoId ? () => unwrap(commands.photo(photoId)) : skipToken,
    // The event brings the result; this only covers an event that was lost with a restarted window.
    refetchInterval: ({ state }) => (isComing(state.data) ? PENDING_POLL_MS : false),
  });
/** Done with its own answer: the next photo waits for no refetch of those that were kept before it. */
export function useKeepPhoto(patientId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: KeepRequest) => unwrap(commands.keepPhoto(request)),
    onSuccess: () => {
      for (const queryKey of [...ofPatientPhotos(patientId), keys.patients, keys.storage])
        void client.invalidateQueries({ queryKey });
    },
  });
}
export const discardStaged = (stagedId: string) => unwrap(commands.discardStaged(stagedId));

export const useAddNote = (patientId: string) =>
  useCommand(
    ({ analysisId, text }: { analysisId: string; text: string }) => commands.addNote(analysisId, text),
    () => [["photos", "one"], keys.histories(patientId)],
  );
export const useEditNote = () =>
  useCommand(
    ({ noteId, revision, text }: { noteId: string; revision: number; text: string }) =>
      commands.editNote(noteId, revision, text),
    ({ noteId }) => [["photos", "one"], keys.noteVersions(noteId)],
  );
export const useNoteVersions = (noteId: string, wanted: boolean) =>
  useQuery({
    queryKey: keys.noteVersions(noteId),
    queryFn: () => unwrap(commands.noteVersions(noteId)),
    enabled: wanted,
  });

/* ---- urgent cases ---- */

export const useUrgentSummary = (wanted = true) =>
  useQuery({
    queryKey: keys.urgentSummary,
    queryFn: () => unwrap(commands.urgentSummary()),
    enabled: wanted,
    refetchInterval: URGENT_POLL_MS,
  });
export const useUrgentCases = (which: WhichUrgent) =>
  useInfiniteQuery({
    queryKey: keys.urgentCases(which),
    queryFn: ({ pageParam }) => unwrap(commands.urgentCases(which, pageParam, URGENT_PAGE)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
export const useUrgentCase = (photoId: string) =>
  useQuery({ queryKey: keys.urgentCase(photoId), queryFn: () => unwrap(commands.urgentCase(photoId)) });
export const useAcknowledge = () =>
  useCommand(
    (analysisId: string) => commands.acknowledge(analysisId),
    () => [keys.urgent],
  );

/* ---- the centre ---- */

/** Asked again even if nothing changed: ages grow, and what was true half a minute ago may not be. */
const fresh = { refetchInterval: SYNC_ASKED_EVERY_MS, refetchIntervalInBackground: true };
export const useSyncStatus = () =>
  useQuery({ queryKey: keys.syncStatus, queryFn: () => unwrap(commands.syncStatus()), ...fresh });
export const useUnsent = () =>
  useQuery({ queryKey: keys.unsent, queryFn: () => unwrap(commands.unsent(UNSENT_SHOWN)), ...fresh });
export const useConflicts = () =>
  useQuery({ queryKey: keys.conflicts, queryFn: () => unwrap(commands.conflicts()), ...fresh });
/** How far the photos of these pages have come, by their ids. */
export const useDeliveries = (pages: HistoryPage[], wanted: boolean) =>
  useQueries({
    queries: pages.map(({ entries }) => {
      const ids = entries.map((entry) => entry.photo_id);
      return {
        queryKey: keys.deliveries(ids),
        queryFn: async () => {
          const states = await unwrap(commands.deliveries(ids));
          return Object.fromEntries(ids.map((id, nth) => [id, states[nth]]));
        },
        enabled: wanted && ids.length > 0,
        placeholderData: keepPreviousData,
      };
    }),
    combine: allDeliveries,
  });
function allDeliveries(pages: { data: Record<string, ItemState | undefined> | undefined }[]) {
  return Object.assign({}, ...pages.map(({ data }) => data)) as Record<string, ItemState | undefined>;
}
/** What was never sent of records that somebody deleted at the centre. */
export const useLeftovers = () => useQuery({ queryKey: keys.leftovers, queryFn: () => unwrap(commands.leftovers()) });
export const useLetGo = () =>
  useCommand(
    (record: string) => commands.letGo(record),
    () => [keys.sync, keys.storage],
  );
export const useRetrySync = () =>
  useCommand(
    () => commands.retrySync(),
    () => [keys.sync],
  );
export const useSettleConflict = () =>
  useCommand(
    ({ id, choice }: { id: string; choice: ConflictChoice }) => commands.settleConflict(id, choice),
    () => [keys.sync, keys.patients, keys.photos, ["notes"]],
  );
export const useExportSyncReport = () =>
  useMutation({ mutationFn: (path: string) => unwrap(commands.exportSyncReport(path)) });

export const useCentre = () => useQuery({ queryKey: keys.centre, queryFn: () => unwrap(commands.centre()) });
/** Gives the clinic's name at the centre. The code holds a secret: it does not stay in memory. */
export function useConnectCentre() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => unwrap(commands.connectCentre(code)),
    gcTime: 0,
    onSuccess: () =>
      Promise.all(
        [keys.sync, ["photos", "one"], ["workstation"]].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}
export const useSyncSettings = () =>
  useQuery({ queryKey: keys.syncSettings, queryFn: () => unwrap(commands.syncSettings()) });
export const useSetSyncSettings = () =>
  useCommand(
    (settings: SyncSettings) => commands.setSyncSettings(settings),
    () => [keys.sync],
  );

/* ---- what goes stale ---- */

/** Refetches what the core says has changed. Changes are gathered a moment, so that a burst is one refetch. */
export function followChanges(client: QueryClient): () => void {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const queryKey of waiting.values()) void client.invalidateQueries({ queryKey });
    waiting.clear();
  };
  const listening = events.changed.listen(({ payload }) => {
    for (const key of staleAfter(payload)) waiting.set(JSON.stringify(key), key);
    timer ??= setTimeout(flush, CHANGES_GATHERED_FOR_MS);
  });
  return () => {
    clearTimeout(timer);
    endListening(listening);
  };
}

export function staleAfter({ what, patient_id }: Changed): QueryKey[] {
  const photos = patient_id ? ofPatientPhotos(patient_id) : [keys.photos];
  const stale: Record<Changed["what"][number], readonly QueryKey[]> = {
    patients: [keys.patients, ["photos", "one"], keys.urgent],
    photos: [...photos, ...(patient_id ? [keys.images] : []), keys.patients, keys.storage],
    analyses: [...photos, keys.patients, keys.storage, keys.reanalysis],
    notes: [...photos, ["notes"]],
    models: [keys.models, keys.storage],
    workstation: [["workstation"]],
    sync: [keys.sync, ["photos", "one"]],
    urgent: [keys.urgent],
  };
  return what.flatMap((one) => [...(stale[one] ?? [])]);
}

function ofPatientPhotos(patientId: string): QueryKey[] {
  return [keys.lesions(patientId), keys.histories(patientId), keys.counts(patientId), ["photos", "one"]];
}

function isComing(detail: PhotoDetail | undefined): boolean {
  if (!detail) return false;
  const all = [detail.entry.analysis, ...detail.opinions.map((one) => one.analysis)];
  return all.some((one) => one.state === "pending" && one.reason === "queued");
}

/** Runs a command and refetches what it makes stale. */
export function useCommand<A, T>(
  run: (argument: A) => Promise<Result<T, Failure>>,
  stale: (argument: A) => readonly QueryKey[],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (argument: A) => unwrap(run(argument)),
    onSuccess: (_data, argument) =>
      Promise.all(stale(argument).map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
