import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useFormat } from "../../design/format";
import { Loaded } from "../../design/Loaded";
import { PatientBanner } from "../../design/PatientBanner";
import { Panel, Screen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useUnsaved } from "../../design/Unsaved";
import type { CloudConsent, Patient, PatientDraft } from "../../ipc/bindings";
import { useEditPatient, usePatient, usePatientVersions } from "../../ipc/queries";
import { ConsentPanel } from "./ConsentPanel";
import { DraftTable } from "./DraftTable";
import { draftOf, sameDraft, typedFrom } from "./draft";
import { LegalHoldPanel } from "./LegalHoldPanel";
import { PatientForm } from "./PatientForm";

export function EditScreen() {
  const { patientId = "" } = useParams();
  const patient = usePatient(patientId);
  return (
    <Loaded query={patient}>
      {(current) => (
        <>
          <PatientBanner patient={current} />
          <EditForm key={patientId} current={current} reread={() => void patient.refetch()} />
        </>
      )}
    </Loaded>
  );
}

function EditForm({ current, reread }: { current: Patient; reread: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const edit = useEditPatient(current.id);
  // The revision that the person saw; a newer one that arrives meanwhile must not be overwritten unseen.
  const [based, setBased] = useState({ revision: current.revision, draft: draftOf(current) });
  const [mine, setMine] = useState<PatientDraft | null>(null);
  const [typed, setTyped] = useState(() => typedFrom(based.draft));
  const untouched = sameDraft(typed, typedFrom(based.draft));
  const unsaved = useUnsaved(untouched ? null : { title: t("unsaved.typed") });
  const follow = () => {
    const draft = draftOf(current);
    setBased({ revision: current.revision, draft });
    setTyped(typedFrom(draft));
    setMine(null);
  };
  // In place, so that the focus stays where it is.
  if (untouched && !edit.isPending && current.revision !== based.revision) follow();

  const leave = () => navigate(`/patients/${current.id}`);
  const saved = () => {
    unsaved.letGo();
    leave();
  };
  const save = (draft: PatientDraft, revision: number) => {
    setMine(draft);
    edit.mutate(
      { revision, draft },
      { onSuccess: saved, onError: (error) => error.code === "changed_meanwhile" && reread() },
    );
  };
  const takeTheirs = () => {
    follow();
    edit.reset();
  };
  const conflict =
    edit.error?.code === "changed_meanwhile" && mine && current.revision !== based.revision ? mine : null;

  return (
    <Screen title={t("edit.title")} width={820}>
      <Box sx={{ display: "grid", gap: 2 }}>
        <Panel>
          {conflict ? (
            <Box data-testid={testIds.conflict} role="alert" sx={{ display: "grid", gap: 2 }}>
              <Typography variant="h2">{t("edit.conflict")}</Typography>
              <Typography sx={{ color: "text.secondary" }}>{t("edit.conflictExplain")}</Typography>
              <DraftTable
                compare="change"
                before={{ title: t("edit.theirs"), draft: draftOf(current) }}
                after={{ title: t("edit.mine"), draft: conflict }}
              />
              <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
                <Button variant="contained" onClick={takeTheirs}>
                  {t("edit.takeTheirs")}
                </Button>
                <Button variant="outlined" disabled={edit.isPending} onClick={() => save(conflict, current.revision)}>
                  {t("edit.saveMine")}
                </Button>
              </Box>
            </Box>
          ) : (
            <PatientForm
              typed={typed}
              onType={setTyped}
              busy={edit.isPending}
              error={edit.error}
              saveLabel={t("edit.save")}
              // A legal hold or a consent raises the revision and touches none of these fields.
              onSave={(draft) =>
                save(draft, sameDraft(draftOf(current), based.draft) ? current.revision : based.revision)
              }
              onCancel={leave}
            />
          )}
        </Panel>
        <ConsentPanel patient={current} />
        <LegalHoldPanel patient={current} />
        <Versions patient={current} />
      </Box>
    </Screen>
  );
}

function Versions({ patient }: { patient: Patient }) {
  const { t } = useTranslation();
  const format = useFormat();
  const versions = usePatientVersions(patient.id);
  return (
    <Panel title={t("edit.versions")} id="patient-versions">
      <Loaded query={versions}>
        {(earlier) =>
          earlier.length === 0 ? (
            <Typography sx={{ color: "text.secondary" }}>{t("edit.noVersions")}</Typography>
          ) : (
            <Box data-testid={testIds.patientVersions} sx={{ display: "grid", gap: 2 }}>
              {earlier.map((version, nth) => (
                <Box key={version.revision}>
                  <Typography variant="h3" sx={{ mb: 0.5 }}>
                    {t("edit.replaced", { when: format.dateTime(version.replaced_at), who: version.replaced_by })}
                  </Typography>
                  <HoldChange before={version.legal_hold} after={(earlier[nth - 1] ?? patient).legal_hold} />
                  <ConsentChange before={version.cloud_consent} after={(earlier[nth - 1] ?? patient).cloud_consent} />
                  <DraftTable
                    compare="change"
                    before={{ title: t("edit.before"), draft: version.draft }}
                    after={{ title: t("edit.after"), draft: earlier[nth - 1]?.draft ?? draftOf(patient) }}
                  />
                </Box>
              ))}
            </Box>
          )
        }
      </Loaded>
    </Panel>
  );
}

function HoldChange({ before, after }: { before: boolean; after: boolean }) {
  const { t } = useTranslation();
  if (before === after) return null;
  return <Typography sx={{ mb: 0.5 }}>{t(after ? "hold.began" : "hold.ended")}</Typography>;
}

function ConsentChange({ before, after }: { before: CloudConsent | null; after: CloudConsent | null }) {
  const { t } = useTranslation();
  if (before?.given === after?.given || (!after && !before?.given)) return null;
  const words = after?.given ? "consent.began" : before?.given ? "consent.ended" : "consent.declined";
  return <Typography sx={{ mb: 0.5 }}>{t(words)}</Typography>;
}
