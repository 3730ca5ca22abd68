import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { FolderIcon } from "../../design/icons";
import { EmptyState, Loaded } from "../../design/Loaded";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useChooseModel, useInstallModel, useModels, useRemoveModel } from "../../ipc/analysing";
import type { ModelRow } from "../../ipc/bindings";
import { useIsStaff } from "../../ipc/queries";
import { pickFolder, pickZip } from "../../ipc/stage";
import { AgainPart } from "./AgainPart";
import { ModelMark } from "./ModelMark";

export function ModelsPanel() {
  const { t } = useTranslation();
  const models = useModels();
  const install = useInstallModel();
  const staff = useIsStaff();
  const speaking = models.data?.find(({ active, usable }) => active && usable);
  const installFrom = async (picking: Promise<string | null>) => {
    const path = await picking;
    if (path) install.mutate(path);
  };
  return (
    <Panel title={t("models.title")} id="models">
      <Typography sx={{ color: "text.secondary", mb: 1.5 }}>{t("models.explain")}</Typography>
      <Loaded query={models}>
        {(cards) =>
          cards.length === 0 ? (
            <EmptyState title={t("models.none")} text={t("models.noneHint")} />
          ) : (
            <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.5 }}>
              {cards.map((card) => (
                <Model key={card.sha256} card={card} />
              ))}
            </Box>
          )
        }
      </Loaded>
      {install.error && (
        <Box sx={{ mt: 1.5 }}>
          <ErrorNote error={install.error} />
        </Box>
      )}
      <Box sx={{ mt: 1.5, display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button
          variant="contained"
          startIcon={<FolderIcon />}
          disabled={install.isPending}
          onClick={() => void installFrom(pickFolder())}
          data-testid={testIds.installModel}
        >
          {install.isPending ? t("models.installing") : t("models.install")}
        </Button>
        <Button
          variant="outlined"
          disabled={install.isPending}
          onClick={() => void installFrom(pickZip(t("models.zip")))}
          data-testid={testIds.installModelZip}
        >
          {t("models.installZip")}
        </Button>
      </Box>
      <Box role="status" sx={{ mt: 1, color: "calm.text" }}>
        {install.data && !install.isPending && t("models.installed", { name: install.data.name })}
      </Box>
      {staff && speaking && <AgainPart key={speaking.sha256} name={speaking.name} settling={models.isFetching} />}
    </Panel>
  );
}

function Model({ card }: { card: ModelRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const use = useChooseModel();
  const remove = useRemoveModel();
  const [asking, setAsking] = useState(false);
  const error = use.error ?? remove.error;
  // Of one whose files can't be read only the reason is known, in technical English where its name would be.
  const isBroken = !card.installed_at;
  const name = isBroken ? t("models.damagedName") : card.name;
  return (
    <Box
      component="li"
      data-testid={testIds.modelCard}
      data-active={card.active}
      sx={{
        border: card.active ? 2 : 1,
        borderColor: card.active ? "primary.main" : "line",
        borderRadius: 2,
        p: 1.5,
        display: "grid",
        gap: 0.75,
      }}
    >
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
        <Box sx={{ fontWeight: 700, overflowWrap: "anywhere" }}>{name}</Box>
        {card.active && card.usable && <ModelMark tone="calm">{t("models.inUse")}</ModelMark>}
        {card.demo && <ModelMark tone="hint">{t("result.demoShort")}</ModelMark>}
        {!card.usable && <ModelMark tone="fault">{t("models.damaged")}</ModelMark>}
      </Box>
      {!card.usable && <Box>{t("models.damagedHint")}</Box>}
      <Box sx={{ fontSize: "0.875rem", color: "text.secondary", overflowWrap: "anywhere" }}>
        {card.installed_at && (
          <>
            {format.bytes(card.bytes)} · {t("models.installedAt", { date: format.date(card.installed_at) })}
            <br />
            {t("models.labels")}: {card.labels.join(", ")}
            <br />
          </>
        )}
        SHA-256: <code>{card.sha256}</code>
      </Box>
      {isBroken && (
        <Box
          component="details"
          sx={{ fontSize: "0.8125rem", "& summary": { minHeight: 44, cursor: "pointer", alignContent: "center" } }}
        >
          <summary>{t("common.details")}</summary>
          <Box lang="en" sx={{ overflowWrap: "anywhere" }}>
            {card.name}
          </Box>
        </Box>
      )}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        {!card.active && card.usable && (
          <Button
            variant="outlined"
            disabled={use.isPending}
            onClick={() => use.mutate(card.sha256)}
            data-testid={testIds.useModel}
          >
            {t("models.use")}
          </Button>
        )}
        <Button
          variant="outlined"
          disabled={remove.isPending}
          onClick={() => setAsking(true)}
          data-testid={testIds.removeModel}
        >
          {t("models.remove")}
        </Button>
      </Box>
      {error && <ErrorNote error={error} />}
      <ConfirmDialog
        open={asking}
        title={t("models.removeTitle", { name })}
        text={t("models.removeText")}
        yes={t("models.remove")}
        no={t("common.cancel")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          remove.mutate(card.sha256);
        }}
      />
    </Box>
  );
}
