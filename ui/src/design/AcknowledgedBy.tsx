import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import type { Acknowledgement } from "../ipc/bindings";
import type { CaseKind } from "./caseKind";
import { useFormat } from "./format";
import { CheckIcon } from "./icons";
import { testIds } from "./testIds";

/** Who takes care of an urgent case, or has looked at one for review, since when, and whether the others know. */
export function AcknowledgedBy({ of, by, at, delivered, others }: Acknowledgement & { of: CaseKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  const values = { name: by, when: format.dateTime(at) };
  return (
    <Box
      data-testid={testIds.acknowledged}
      data-delivered={delivered}
      sx={{ display: "flex", gap: 0.75, mt: 0.5, color: "calm.text", overflowWrap: "anywhere" }}
    >
      <CheckIcon sx={{ fontSize: 20, flex: "none" }} />
      <Box>
        {others > 0 ? t(`acknowledge.${of}.byMore`, { ...values, count: others }) : t(`acknowledge.${of}.by`, values)}
        {!delivered && (
          <Box sx={{ color: "text.secondary", fontSize: "0.8125rem" }}>{t("acknowledge.notDelivered")}</Box>
        )}
      </Box>
    </Box>
  );
}
