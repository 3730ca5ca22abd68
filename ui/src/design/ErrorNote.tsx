import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { UiCode } from "../ipc/failure";
import { AlertIcon } from "./icons";
import { testIds } from "./testIds";

export type Told = { code: UiCode; message: string; subject: string | null };

/** Their sentence says all there is: what lies behind "details" would only alarm. */
const SELF_EXPLAINING: UiCode[] = [
  "name_missing",
  "born_invalid",
  "email_invalid",
  "email_taken",
  "password_too_short",
  "text_empty",
  "text_too_long",
  "photo_empty",
  "photo_not_an_image",
  "photo_heic",
  "photo_too_small",
  "photo_too_large",
  "staging_full",
  "staged_gone",
  "recovery_key_wrong",
  "sign_in_refused",
  "space_address_invalid",
  "space_token_invalid",
  "no_space",
  "no_consent",
  "asked_already",
  "connection_code_invalid",
  "not_connected",
  "not_allowed",
  "rate_too_low",
  "not_found",
  "outline_invalid",
  "scale_invalid",
];

export function useFailureWords() {
  const { t } = useTranslation();
  return ({ code, subject }: Pick<Told, "code" | "subject">) =>
    t(`failure.${code}`, { subject: subject ?? t("failureSubject.unknown") });
}

/** A sentence with a way out, beside the thing it is about; the technical text stays behind "details". */
export function ErrorNote({
  error,
  says,
  onRetry,
  action,
}: {
  error: Told;
  /** In place of the code's own sentence, where that does not fit the thing it is about. */
  says?: string;
  onRetry?: () => void;
  action?: ReactNode;
}) {
  const { t } = useTranslation();
  const words = useFailureWords();
  return (
    <Box
      role="alert"
      data-testid={testIds.failure}
      data-code={error.code}
      sx={{
        display: "flex",
        gap: 1.5,
        p: 2,
        borderRadius: 2,
        border: 1,
        bgcolor: "fault.ground",
        color: "fault.text",
        borderColor: "fault.line",
      }}
    >
      <AlertIcon fontSize="small" sx={{ mt: 0.25, flex: "none" }} />
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box>{says ?? words(error)}</Box>
        <FailureDetails error={error} />
        {(onRetry || action) && (
          <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, mt: 1 }}>
            {onRetry && (
              <Button variant="outlined" onClick={onRetry} data-testid={testIds.failureRetry}>
                {t("common.retry")}
              </Button>
            )}
            {action}
          </Box>
        )}
      </Box>
    </Box>
  );
}

export function FailureDetails({ error }: { error: Told }) {
  const { t } = useTranslation();
  if (SELF_EXPLAINING.includes(error.code)) return null;
  return (
    <Box component="details" data-testid={testIds.failureDetails} sx={{ fontSize: "0.8125rem", mt: 0.5 }}>
      <Box component="summary" sx={{ cursor: "pointer", py: 1.5, textDecoration: "underline" }}>
        {t("common.details")}
      </Box>
      <Box lang="en" sx={{ overflowWrap: "anywhere" }}>
        {error.code}: {error.message}
      </Box>
    </Box>
  );
}
