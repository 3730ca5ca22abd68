import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { Panel, Screen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useUnsaved } from "../../design/Unsaved";
import type { Patient, PatientDraft } from "../../ipc/bindings";
import { useLikelyDuplicates, useRegisterPatient } from "../../ipc/queries";
import { DraftTable } from "./DraftTable";
import { draftOf, emptyPatient, sameDraft, typedFrom } from "./draft";
import { PatientForm } from "./PatientForm";

type Doubt = { draft: PatientDraft; likely: Patient[] };

/** `name` is what was searched for in vain, so that nobody types it twice. */
export function RegisterScreen({ name }: { name: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const likelyDuplicates = useLikelyDuplicates();
  const register = useRegisterPatient();
  const [initial] = useState(() => ({ ...emptyPatient, full_name: name }));
  const [typed, setTyped] = useState(initial);
  const [doubt, setDoubt] = useState<Doubt | null>(null);
  const busy = likelyDuplicates.isPending || register.isPending;

  const unsaved = useUnsaved(sameDraft(typed, initial) ? null : { title: t("unsaved.typed") });
  /** The record that was made, or the known one in place of what was typed. */
  const open = (id: string) => {
    unsaved.letGo();
    navigate(`/patients/${id}`, { replace: true });
  };
  const make = (draft: PatientDraft) => {
    if (!register.isPending) register.mutate(draft, { onSuccess: (patient) => open(patient.id) });
  };
  const save = (draft: PatientDraft) => {
    setTyped(typedFrom(draft));
    likelyDuplicates.mutate(draft, {
      onSuccess: (likely) => (likely.length > 0 ? setDoubt({ draft, likely }) : make(draft)),
    });
  };

  return (
    <Screen title={t("register.title")} width={doubt ? 900 : 720}>
      <Panel>
        {doubt ? (
          <Duplicates
            doubt={doubt}
            busy={busy}
            onOpen={open}
            onAnyway={() => make(doubt.draft)}
            onBack={() => setDoubt(null)}
          />
        ) : (
          <PatientForm
            typed={typed}
            onType={setTyped}
            busy={busy}
            error={likelyDuplicates.error ?? register.error}
            saveLabel={t("register.save")}
            onSave={save}
            onCancel={() => navigate("/patients")}
          />
        )}
        {doubt && register.error && <ErrorNote error={register.error} />}
      </Panel>
    </Screen>
  );
}

function Duplicates({
  doubt,
  busy,
  onOpen,
  onAnyway,
  onBack,
}: {
  doubt: Doubt;
  busy: boolean;
  onOpen: (id: string) => void;
  onAnyway: () => void;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Box data-testid={testIds.duplicates} sx={{ display: "grid", gap: 2 }}>
      <Box>
        <Typography variant="h2" ref={heading} tabIndex={-1}>
          {t("duplicates.title", { count: doubt.likely.length })}
        </Typography>
        <Typography sx={{ color: "text.secondary" }}>{t("duplicates.explain")}</Typography>
      </Box>
      {doubt.likely.map((patient) => (
        <Box
          key={patient.id}
          sx={{ border: 1, borderColor: "line", borderRadius: 2, p: { xs: 1, sm: 2 }, display: "grid", gap: 1.5 }}
        >
          <DraftTable
            compare="records"
            before={{ title: t("duplicates.typed"), draft: doubt.draft }}
            after={{ title: t("duplicates.known", { date: format.date(patient.created_at) }), draft: draftOf(patient) }}
          />
          <Box>
            <Button variant="contained" onClick={() => onOpen(patient.id)} data-testid={testIds.duplicateOpen}>
              {t("duplicates.open")}
            </Button>
          </Box>
        </Box>
      ))}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button variant="outlined" onClick={onBack}>
          {t("duplicates.back")}
        </Button>
        <Button variant="outlined" disabled={busy} onClick={onAnyway} data-testid={testIds.registerAnyway}>
          {t("duplicates.anyway")}
        </Button>
      </Box>
    </Box>
  );
}
