import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { AttentionIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import type { Patient } from "../../ipc/bindings";

/** The screen's one action, always in sight, with the name of the person whose record it fills. */
export function KeepBar({
  patient,
  ready,
  undecided,
  busy,
  done,
  onKeep,
}: {
  patient: Patient;
  ready: number;
  /** How many are not among them because nobody has said what becomes of them. */
  undecided: number;
  busy: boolean;
  /** Something was kept and nothing is left to keep. */
  done: boolean;
  onKeep: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Box
      sx={{
        position: { xs: busy || done || ready > 0 || undecided > 0 ? "sticky" : "static", md: "static" },
        bottom: 0,
        zIndex: 4,
        mx: { xs: -2, md: 0 },
        mb: { xs: -2, md: 0 },
        px: 2,
        py: 1.5,
        display: "grid",
        gap: 0.75,
        bgcolor: "background.paper",
        borderTop: 1,
        borderColor: "line",
      }}
    >
      {done && <Done patientId={patient.id} />}
      {undecided > 0 && (
        <Box
          id="keep-undecided"
          data-testid={testIds.keepUndecided}
          sx={{ display: "flex", gap: 0.75, color: "hint.text", fontSize: "0.875rem", fontWeight: 600 }}
        >
          <AttentionIcon sx={{ fontSize: 20, flex: "none" }} />
          {t("capture.undecided", { count: undecided })}
        </Box>
      )}
      <Button
        variant={done ? "outlined" : "contained"}
        size="large"
        disabled={busy || ready === 0}
        onClick={onKeep}
        aria-describedby={undecided > 0 ? "keep-undecided" : undefined}
        data-testid={testIds.keepPhotos}
        sx={done ? { display: { xs: "none", md: "inline-flex" } } : null}
      >
        {busy ? t("capture.keeping") : t("capture.keep", { count: ready })}
      </Button>
      <Box sx={{ fontSize: "0.8125rem", overflowWrap: "anywhere" }}>
        {t("capture.forWhom", { name: patient.full_name })}
      </Box>
      <Box sx={{ display: { xs: "none", md: "block" }, color: "text.secondary", fontSize: "0.8125rem" }}>
        {t("capture.safety")}
      </Box>
    </Box>
  );
}

/** The button that kept the last photo is gone from the keyboard's reach: the focus goes on to what comes next. */
function Done({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) link.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Button component={Link} ref={link} to={`/patients/${patientId}`} variant="contained" size="large">
      {t("capture.done")}
    </Button>
  );
}
