import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { PlusIcon } from "../../design/icons";
import { EmptyState, Loaded, RowsSkeleton } from "../../design/Loaded";
import { Announce, Screen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { usePatients } from "../../ipc/queries";
import { PatientList } from "./PatientList";

const TYPING_PAUSE_MS = 180;

/** `text` is what stands in the search field; `purpose` says where a chosen patient leads. */
export function PatientsScreen({ text, purpose }: { text: string; purpose: "open" | "new_photo" }) {
  const { t } = useTranslation();
  const wanted = usePaused(text.trim(), TYPING_PAUSE_MS);
  const patients = usePatients(wanted);
  const register = (
    <Button
      component={Link}
      to="/patients/new"
      variant={purpose === "open" ? "contained" : "outlined"}
      startIcon={<PlusIcon />}
      data-testid={testIds.registerPatient}
    >
      {t("patients.register")}
    </Button>
  );
  const registerBelow = (
    <Button component={Link} to="/patients/new" variant="outlined" startIcon={<PlusIcon />}>
      {t("patients.register")}
    </Button>
  );
  const title = purpose === "open" ? t("patients.title") : t("patients.chooseTitle");
  return (
    <Screen title={title} action={register}>
      {purpose === "new_photo" && (
        <Typography sx={{ mb: 2, color: "text.secondary" }}>{t("patients.chooseExplain")}</Typography>
      )}
      <Loaded query={patients} skeleton={<RowsSkeleton rows={6} height={68} />}>
        {({ patients: rows, more }) => (
          <Box sx={{ opacity: patients.isPlaceholderData ? 0.6 : 1 }} aria-busy={patients.isPlaceholderData}>
            <Announce text={wanted && !patients.isPlaceholderData ? t("patients.count", { count: rows.length }) : ""} />
            {rows.length > 0 && (
              <Typography variant="h2" sx={{ mb: 1 }}>
                {wanted ? t("patients.found") : t("patients.recent")}
              </Typography>
            )}
            {rows.length > 0 && <PatientList rows={rows} purpose={purpose} />}
            {rows.length > 0 && more && (
              <Typography sx={{ p: 2, color: "text.secondary" }}>{t("patients.more")}</Typography>
            )}
            {rows.length === 0 &&
              (wanted ? (
                <EmptyState title={t("patients.noneFound")} text={t("patients.noneFoundHint")} action={registerBelow} />
              ) : (
                <EmptyState title={t("patients.none")} text={t("patients.noneHint")} action={registerBelow} />
              ))}
          </Box>
        )}
      </Loaded>
    </Screen>
  );
}

function usePaused(value: string, pause: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}
