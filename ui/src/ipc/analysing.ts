import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { AnalysisChange, Asked } from "./bindings";
import { commands } from "./bindings";
import { unwrap } from "./failure";
import { keys, PENDING_POLL_MS, useCommand } from "./queries";

/* ---- models ---- */

export const useModels = () => useQuery({ queryKey: keys.models, queryFn: () => unwrap(commands.models()) });
const modelsChange = () => [keys.models, keys.storage];
export const useInstallModel = () => useCommand((path: string) => commands.installModel(path), modelsChange);
export const useChooseModel = () =>
  // biome-ignore lint/correctness/useHookAtTopLevel: a command by the name of useModel, no hook
  useCommand((sha256: string) => commands.useModel(sha256), modelsChange);
export const useRemoveModel = () => useCommand((sha256: string) => commands.removeModel(sha256), modelsChange);

/* ---- who analyses ---- */

export const useAnalysisSettings = () =>
  useQuery({ queryKey: keys.analysisSettings, queryFn: () => unwrap(commands.analysisSettings()) });
/** The token is a secret: it does not stay in memory. */
export function useSetAnalysisSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: AnalysisChange) => unwrap(commands.setAnalysisSettings(change)),
    gcTime: 0,
    onSuccess: () => Promise.all([keys.models, keys.photos].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/* ---- the queue ---- */

export const useAnalysePending = () =>
  useCommand(
    () => commands.analysePending(),
    () => [keys.photos, keys.patients, keys.storage],
  );

/**
 * What waits of the patient on the screen is analysed before the rest. `undefined`: not known yet, so what was said last
 * holds. The core is told one thing after the other, and a failure stops nobody.
 */
export function useLookAt(patientId: string | null | undefined): void {
  const told = useRef<{ last: string | null; done: Promise<unknown> }>({ last: null, done: Promise.resolve() });
  useEffect(() => {
    if (patientId !== undefined) tell(patientId);
    function tell(next: string | null) {
      const { last, done } = told.current;
      if (next !== last) told.current = { last: next, done: done.then(() => lookAt(next)) };
    }
  }, [patientId]);
  useEffect(
    () => () => {
      const { last, done } = told.current;
      if (last !== null) told.current = { last: null, done: done.then(() => lookAt(null)) };
    },
    [],
  );
}
const lookAt = (patientId: string | null) => unwrap(commands.lookAt(patientId)).catch(() => undefined);

/* ---- further opinions ---- */

const opinionsChange = () => [["photos", "one"], keys.reanalysis];
/** Whoever was asked already is on the photo's list, which may be older than that. */
export function useAskOpinion(photoId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (of: Asked) => unwrap(commands.askOpinion(photoId, of)),
    onSettled: () => Promise.all(opinionsChange().map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
export const useWithdrawOpinion = () => useCommand((id: string) => commands.withdrawOpinion(id), opinionsChange);

/* ---- all photos again ---- */

/** How far the model in use is with photos that others analysed. Asked every few seconds while any waits. */
export const useReanalysis = () =>
  useQuery({
    queryKey: keys.reanalysis,
    queryFn: () => unwrap(commands.reanalysis()),
    refetchInterval: ({ state }) => (state.data && state.data.waiting > 0 ? PENDING_POLL_MS : false),
  });
const reanalysisChange = () => [keys.reanalysis, keys.photos, keys.storage];
export const useReanalyse = () => useCommand(() => commands.reanalyse(), reanalysisChange);
export const useCancelReanalysis = () => useCommand(() => commands.cancelReanalysis(), reanalysisChange);
