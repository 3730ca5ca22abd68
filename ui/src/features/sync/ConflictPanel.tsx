import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import { Decisions } from "../../design/Decisions";
import { ErrorNote, type Told } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { Loaded } from "../../design/Loaded";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Conflict, ConflictChoice } from "../../ipc/bindings";
import { useConflicts, useSettleConflict } from "../../ipc/queries";
import { fieldWords, valueWords } from "./conflictWords";

/** What was changed in two places: somebody says which of the two is right. */
export function ConflictPanel({ expected }: { expected: boolean }) {
  const { t } = useTranslation();
  const conflicts = useConflicts();
  const settle = useSettleConflict();
  const [settled, setSettled] = useState(0);
  const shown = expected || Boolean(conflicts.data?.length);
  return (
    <Decisions made={settled} said={t("conflict.settled")} shown={shown}>
      <Panel title={t("conflict.title")} id="conflicts">
        <Typography sx={{ color: "text.secondary", mb: 1.5 }}>{t("conflict.explain")}</Typography>
        <Loaded query={conflicts}>
          {(cases) => (
            <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.5 }}>
              {cases.map((one) => (
                <Case
                  key={one.id}
                  conflict={one}
                  busy={settle.isPending}
                  error={settle.variables?.id === one.id ? settle.error : null}
                  onChoice={(choice) =>
                    settle.mutate({ id: one.id, choice }, { onSuccess: () => setSettled((before) => before + 1) })
                  }
                />
              ))}
            </Box>
          )}
        </Loaded>
      </Panel>
    </Decisions>
  );
}

function Case({
  conflict,
  busy,
  error,
  onChoice,
}: {
  conflict: Conflict;
  busy: boolean;
  error: Told | null;
  onChoice: (choice: ConflictChoice) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { field, patient_id, patient_name } = conflict;
  const name = fieldWords(t, field);
  return (
    <Box
      component="li"
      data-testid={testIds.conflictCase}
      sx={{ border: 1, borderColor: "hint.line", borderRadius: 2, p: 1.5, display: "grid", gap: 1.5 }}
    >
      <Box sx={{ display: "flex", flexWrap: "wrap", columnGap: 1, alignItems: "center" }}>
        <Typography variant="h3">{name}</Typography>
        {patient_id && (
          <Link component={RouterLink} to={`/patients/${patient_id}`} sx={{ py: 1.25, overflowWrap: "anywhere" }}>
            {patient_name ?? t("unsent.show")}
          </Link>
        )}
        <Box component="span" sx={{ color: "text.secondary", fontSize: "0.875rem" }}>
          {format.dateTime(conflict.at)}
        </Box>
      </Box>
      <Box
        component="dl"
        sx={{
          m: 0,
          display: "grid",
          gap: 1,
          gridTemplateColumns: { xs: "1fr", sm: "1fr 1fr" },
          "& > div": { p: 1.5, borderRadius: 2, border: 1, borderColor: "line" },
          "& dt": { color: "text.secondary", fontSize: "0.8125rem" },
          "& dd": { m: 0, fontWeight: 600, whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
        }}
      >
        <div>
          <dt>{t("conflict.stands")}</dt>
          <dd data-testid={testIds.conflictStands}>{valueWords(t, format, field, conflict.stands)}</dd>
        </div>
        <div>
          <dt>{t("conflict.lost")}</dt>
          <dd data-testid={testIds.conflictLost}>{valueWords(t, format, field, conflict.lost)}</dd>
        </div>
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button
          variant="outlined"
          disabled={busy}
          aria-label={t("conflict.keepNamed", { name })}
          onClick={() => onChoice("keep")}
          data-testid={testIds.conflictKeep}
        >
          {t("conflict.keep")}
        </Button>
        <Button
          variant="outlined"
          disabled={busy}
          aria-label={t("conflict.replaceNamed", { name })}
          onClick={() => onChoice("replace")}
          data-testid={testIds.conflictReplace}
        >
          {t("conflict.replace")}
        </Button>
      </Box>
      {error && <ErrorNote error={error} />}
    </Box>
  );
}
