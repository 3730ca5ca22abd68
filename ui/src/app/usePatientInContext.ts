import { useQuery } from "@tanstack/react-query";
import { useMatch } from "react-router";
import type { PhotoDetail } from "../ipc/bindings";
import { keys } from "../ipc/queries";

/** The patient whom the present screen is about, if it is about one. */
export function usePatientInContext(): string | null {
  const patient = useMatch("/patients/:patientId/*")?.params.patientId;
  const photo = useMatch("/photos/:photoId")?.params.photoId;
  // Only looks at what the result screen has read.
  const read = useQuery<PhotoDetail>({ queryKey: keys.photo(photo ?? ""), enabled: false });
  if (patient && patient !== "new") return patient;
  return photo ? (read.data?.patient.id ?? null) : null;
}
