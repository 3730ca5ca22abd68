import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "./ConfirmDialog";
import type { CaseKind } from "./caseKind";
import { ErrorNote, type Told } from "./ErrorNote";
import { testIds } from "./testIds";

/** Takes on an urgent case, or says that one for review was looked at, after it was said what that means. */
export function AcknowledgeButton({
  of,
  name,
  pending,
  error,
  onYes,
}: {
  of: CaseKind;
  name: string;
  pending: boolean;
  error: Told | null;
  onYes: () => void;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="contained"
        disabled={pending}
        onClick={() => setAsking(true)}
        aria-label={t(`acknowledge.${of}.buttonFor`, { name })}
        data-testid={testIds.acknowledge}
      >
        {t(`acknowledge.${of}.button`)}
      </Button>
      {error && (
        <Box sx={{ flexBasis: "100%", maxWidth: { sm: 280 } }}>
          <ErrorNote error={error} />
        </Box>
      )}
      <ConfirmDialog
        open={asking}
        duty
        title={t(`acknowledge.${of}.title`, { name })}
        text={t(`acknowledge.${of}.text`)}
        yes={t(`acknowledge.${of}.yes`)}
        no={t("common.cancel")}
        onYes={() => {
          setAsking(false);
          onYes();
        }}
        onNo={() => setAsking(false)}
      />
    </>
  );
}
