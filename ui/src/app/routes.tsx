import { createHashRouter, Navigate } from "react-router";
import { NewPhotoScreen } from "../features/capture/NewPhotoScreen";
import { PatientScreen } from "../features/history/PatientScreen";
import { EditScreen } from "../features/patients/EditScreen";
import { PatientsScreen } from "../features/patients/PatientsScreen";
import { RegisterScreen } from "../features/patients/RegisterScreen";
import { ResultScreen } from "../features/result/ResultScreen";
import { SettingsScreen } from "../features/settings/SettingsScreen";
import { CentrePanel } from "../features/sync/CentrePanel";
import { SyncScreen } from "../features/sync/SyncScreen";
import { UrgentScreen } from "../features/urgent/UrgentScreen";
import { Crashed } from "./Crashed";
import { useLanguage } from "./LookProvider";
import { useSearchText } from "./SearchText";
import { Shell } from "./Shell";
import { useSigned } from "./SignedIn";
import { SignOutScreen } from "./SignOutScreen";

/** Addresses hold ids only: they are written to the preferences. */
export function createRoutes() {
  return createHashRouter([
    {
      element: <Shell />,
      errorElement: <Crashed />,
      children: [
        {
          errorElement: <Crashed />,
          children: [
            { path: "/", element: <Navigate to="/patients" replace /> },
            { path: "/patients", element: <Patients purpose="open" /> },
            { path: "/patients/new", element: <Register /> },
            { path: "/patients/:patientId", element: <PatientScreen /> },
            { path: "/patients/:patientId/edit", element: <EditScreen /> },
            { path: "/patients/:patientId/new-photo", element: <NewPhotoScreen /> },
            { path: "/new-photo", element: <Patients purpose="new_photo" /> },
            { path: "/photos/:photoId", element: <ResultScreen /> },
            { path: "/urgent", element: <UrgentScreen /> },
            { path: "/sync", element: <SyncScreen /> },
            { path: "/settings", element: <Settings /> },
            { path: "/sign-out", element: <SignOutScreen /> },
            { path: "*", element: <Navigate to="/patients" replace /> },
          ],
        },
      ],
    },
  ]);
}

function Patients({ purpose }: { purpose: "open" | "new_photo" }) {
  return <PatientsScreen key={purpose} text={useSearchText().text} purpose={purpose} />;
}

function Register() {
  const { text } = useSearchText();
  return <RegisterScreen name={/\d/.test(text) ? "" : text.trim()} />;
}

function Settings() {
  return <SettingsScreen language={useLanguage()} clinic={useSigned().clinic} centre={<CentrePanel />} />;
}
