import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { Decisions } from "../../design/Decisions";
import { ErrorNote, type Told } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Leftover } from "../../ipc/bindings";
import { useLeftovers, useLetGo, useRole } from "../../ipc/queries";
import { isOutline, leftoverWords } from "./leftoverWords";

/** What was never sent of records that somebody deleted at the centre. It stays here until somebody lets it go. */
export function LeftoverPanel() {
  const { t } = useTranslation();
  const role = useRole();
  const leftovers = useLeftovers();
  const letGo = useLetGo();
  const [gone, setGone] = useState(0);
  const may = role === "ADMIN" || role === "DOCTOR";
  const shown = Boolean(leftovers.data?.length) || Boolean(leftovers.error);
  return (
    <Decisions made={gone} said={t("leftover.gone")} shown={shown}>
      <Panel title={t("leftover.title")} id="leftovers">
        <Typography sx={{ color: "text.secondary", mb: 1.5 }}>
          {t("leftover.explain")} {!may && t("leftover.notYou")}
        </Typography>
        {leftovers.error && <ErrorNote error={leftovers.error} onRetry={() => void leftovers.refetch()} />}
        <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.5 }}>
          {leftovers.data?.map((one) => (
            <Row
              key={one.record}
              leftover={one}
              may={may}
              busy={letGo.isPending}
              error={letGo.variables === one.record ? letGo.error : null}
              onLetGo={() => letGo.mutate(one.record, { onSuccess: () => setGone((before) => before + 1) })}
            />
          ))}
        </Box>
      </Panel>
    </Decisions>
  );
}

function Row({
  leftover,
  may,
  busy,
  error,
  onLetGo,
}: {
  leftover: Leftover;
  may: boolean;
  busy: boolean;
  error: Told | null;
  onLetGo: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const what = isOutline(leftover) ? t("conflictField.outline") : t(`recordKind.${leftover.kind}`);
  const words = leftoverWords(leftover);
  return (
    <Box
      component="li"
      data-testid={testIds.leftover}
      sx={{ border: 1, borderColor: "line", borderRadius: 2, p: 1.5, display: "grid", gap: 1 }}
    >
      <Box sx={{ display: "flex", flexWrap: "wrap", columnGap: 1, alignItems: "baseline" }}>
        <Typography variant="h3">{what}</Typography>
        <Box component="span" sx={{ color: "text.secondary", fontSize: "0.875rem" }}>
          {t("leftover.deleted", { when: format.dateTime(leftover.at) })}
        </Box>
      </Box>
      {words && <Box sx={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{words}</Box>}
      {may && (
        <Box>
          <Button
            variant="outlined"
            color="error"
            disabled={busy}
            onClick={() => setAsking(true)}
            aria-label={t("leftover.letGoNamed", { what })}
            data-testid={testIds.letGo}
          >
            {t("leftover.letGo")}
          </Button>
        </Box>
      )}
      {error && <ErrorNote error={error} />}
      <ConfirmDialog
        open={asking}
        title={t("leftover.askTitle")}
        text={t("leftover.askText")}
        yes={t("leftover.letGo")}
        no={t("common.cancel")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          onLetGo();
        }}
      />
    </Box>
  );
}
