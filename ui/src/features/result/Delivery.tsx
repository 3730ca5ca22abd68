import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DeliveryMark } from "../../design/SyncLook";
import { target } from "../../design/tokens";
import type { ItemState } from "../../ipc/bindings";
import { useSyncStatus } from "../../ipc/queries";

/** How far this photo and its result have come. A workstation without a centre has nothing to say of it. */
export function Delivery({ state }: { state: ItemState }) {
  const { t } = useTranslation();
  const status = useSyncStatus();
  if (!status.data || status.data.overall === "not_connected") return null;
  return (
    <Box>
      <Box
        component={Link}
        to="/sync"
        title={t("sync.title")}
        sx={{ display: "inline-flex", alignItems: "center", minHeight: target, my: -1, textDecoration: "none" }}
      >
        <DeliveryMark state={state} />
      </Box>
    </Box>
  );
}
