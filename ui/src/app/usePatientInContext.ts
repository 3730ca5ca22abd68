import { useMatch } from "react-router";
import { usePhoto } from "../ipc/queries";

/** The patient whom the present screen is about, if it is about one. */
export function usePatientInContext(): string | null {
  const patient = useMatch("/patients/:patientId/*")?.params.patientId;
  const photo = usePhoto(useMatch("/photos/:photoId")?.params.photoId);
  if (patient && patient !== "new") return patient;
  return photo.data?.patient.id ?? null;
}
