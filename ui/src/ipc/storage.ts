import { useQuery } from "@tanstack/react-query";
import type { RetentionYears } from "./bindings";
import { commands } from "./bindings";
import { unwrap } from "./failure";
import { keys, useCommand } from "./queries";

/* What lies on this machine: how much, whether it is whole, what leaves it, and what is deleted everywhere. */

export const useStorageSummary = () =>
  useQuery({ queryKey: keys.storage, queryFn: () => unwrap(commands.storageSummary()) });
/** Runs when it is asked for and once at a time; whoever comes back to it finds the run, or what came of the last one. */
export const useCheckIntegrity = () =>
  useQuery({
    queryKey: keys.integrity,
    queryFn: () => unwrap(commands.checkIntegrity()),
    enabled: false,
    gcTime: Infinity,
  });

/** What would leave this machine, and what would be deleted everywhere. */
export const usePurgeable = (days: number) =>
  useQuery({ queryKey: keys.purgeable(days), queryFn: () => unwrap(commands.purgeableOriginals(days)) });
export const usePurge = () =>
  useCommand(
    (days: number) => commands.purgeOriginals(days),
    () => [["workstation"]],
  );
export const useRetentionPlan = () =>
  useQuery({ queryKey: keys.retention, queryFn: () => unwrap(commands.retentionPlan()) });
export const useSetRetentionYears = () =>
  useCommand(
    (years: RetentionYears) => commands.setRetentionYears(years),
    () => [keys.retention],
  );
export const useApplyRetention = () =>
  useCommand(
    () => commands.applyRetention(),
    () => [["workstation"], keys.patients, keys.photos],
  );
