import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { FactList } from "../../design/FactList";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { CentreSummary } from "../../ipc/bindings";
import { useCentre, useConnectCentre } from "../../ipc/queries";
import { ConnectForm } from "./ConnectForm";
import { LinePanel } from "./LinePanel";

/** Where this workstation is connected to, and the way to connect it. */
export function CentrePanel() {
  const { t } = useTranslation();
  const centre = useCentre();
  const connect = useConnectCentre();
  const [anew, setAnew] = useState(false);
  const form = (onCancel?: () => void) => (
    <ConnectForm
      busy={connect.isPending}
      error={connect.error}
      onCode={(code) => connect.mutate(code, { onSuccess: () => setAnew(false) })}
      onCancel={onCancel}
    />
  );
  const stop = () => {
    connect.reset();
    setAnew(false);
  };
  return (
    <Panel title={t("centre.title")} id="centre">
      <Box data-testid={testIds.centrePanel} sx={{ display: "grid", gap: 2 }}>
        <Box role="status" data-testid={testIds.connected} sx={{ "&:empty": { display: "none" } }}>
          {connect.isSuccess && !anew && <Success clinic={connect.data} />}
        </Box>
        <Loaded query={centre} skeleton={<RowsSkeleton rows={2} height={44} />}>
          {(summary) =>
            summary === null ? (
              <>
                <Typography sx={{ color: "text.secondary" }}>{t("centre.notConnected")}</Typography>
                {form()}
              </>
            ) : (
              <>
                <Summary summary={summary} />
                {anew ? form(stop) : <Anew onYes={() => setAnew(true)} />}
                <LinePanel />
              </>
            )
          }
        </Loaded>
      </Box>
    </Panel>
  );
}

function Success({ clinic }: { clinic: string }) {
  const { t } = useTranslation();
  return (
    <Box
      sx={{ p: 1.5, borderRadius: 2, border: 1, bgcolor: "calm.ground", color: "calm.text", borderColor: "calm.line" }}
    >
      {t("centre.connected", { clinic })}
    </Box>
  );
}

function Summary({ summary }: { summary: CentreSummary }) {
  const { t } = useTranslation();
  const facts: [string, string][] = [
    [t("centre.host"), `${summary.host}:${summary.port}`],
    [t("centre.database"), summary.database],
    [t("centre.bucket"), summary.bucket],
    [t("centre.role"), summary.role],
  ];
  return <FactList facts={facts} />;
}

function Anew({ onYes }: { onYes: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <Box>
      <Button variant="outlined" onClick={() => setAsking(true)} data-testid={testIds.connectAnew}>
        {t("centre.anew")}
      </Button>
      <ConfirmDialog
        open={asking}
        title={t("centre.anewTitle")}
        text={t("centre.anewText")}
        yes={t("centre.anew")}
        no={t("common.cancel")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          onYes();
        }}
      />
    </Box>
  );
}
