import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "./ConfirmDialog";
import { ErrorNote, type Told } from "./ErrorNote";
import { testIds } from "./testIds";

/** Takes on an urgent case, after it was said what that means. */
export function AcknowledgeButton({
  name,
  pending,
  error,
  onYes,
}: {
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
        aria-label={t("acknowledge.buttonFor", { name })}
        data-testid={testIds.acknowledge}
      >
        {t("acknowledge.button")}
      </Button>
      {error && (
        <Box sx={{ flexBasis: "100%", maxWidth: { sm: 280 } }}>
          <ErrorNote error={error} />
        </Box>
      )}
      <ConfirmDialog
        open={asking}
        duty
        title={t("acknowledge.title", { name })}
        text={t("acknowledge.text")}
        yes={t("acknowledge.yes")}
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
