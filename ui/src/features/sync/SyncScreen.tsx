import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState, Loaded } from "../../design/Loaded";
import { Panel, Screen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { SyncStatus } from "../../ipc/bindings";
import { useSyncStatus } from "../../ipc/queries";
import { ConflictPanel } from "./ConflictPanel";
import { LeftoverPanel } from "./LeftoverPanel";
import { StatePanel } from "./StatePanel";
import { UnsentPanel } from "./UnsentPanel";

/** What waits for the centre, since when and why, and what somebody has to decide. */
export function SyncScreen() {
  const { t } = useTranslation();
  const status = useSyncStatus();
  // What was true before an error is not shown as if it still were.
  const known = { ...status, data: status.error ? undefined : status.data };
  return (
    <Screen title={t("sync.title")}>
      <Box data-testid={testIds.syncScreen}>
        <Loaded query={known}>
          {(data) =>
            data.overall === "not_connected" ? (
              <NotConnected />
            ) : (
              <Connected status={data} askedAt={new Date(status.dataUpdatedAt)} />
            )
          }
        </Loaded>
      </Box>
    </Screen>
  );
}

function Connected({ status, askedAt }: { status: SyncStatus; askedAt: Date }) {
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <StatePanel status={status} now={askedAt} />
      <ConflictPanel expected={status.conflicts > 0} />
      <LeftoverPanel />
      <UnsentPanel status={status} now={askedAt} />
    </Box>
  );
}

function NotConnected() {
  const { t } = useTranslation();
  return (
    <Panel>
      <Box data-testid={testIds.syncNotConnected}>
        <EmptyState
          title={t("syncState.not_connected.title")}
          text={t("syncState.not_connected.text")}
          action={
            <Button component={Link} to="/settings" variant="contained">
              {t("sync.openSettings")}
            </Button>
          }
        />
      </Box>
    </Panel>
  );
}
