import Box from "@mui/material/Box";
import FormHelperText from "@mui/material/FormHelperText";
import OutlinedInput, { type OutlinedInputProps } from "@mui/material/OutlinedInput";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

type FieldProps = Omit<OutlinedInputProps, "error" | "label"> & {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  testId: string;
};

/** Label above, field, and one line below it: the error if there is one, else the hint. */
export function Field({ label, hint, error, testId, required, inputProps, ...input }: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const line = error || hint;
  return (
    <Box>
      <FieldLabel htmlFor={id} required={required}>
        {label}
      </FieldLabel>
      <OutlinedInput
        fullWidth
        {...input}
        id={id}
        error={Boolean(error)}
        inputProps={{
          ...inputProps,
          "data-testid": testId,
          "aria-required": required || undefined,
          "aria-invalid": Boolean(error),
          "aria-describedby": line ? `${id}-line` : undefined,
        }}
      />
      {line && (
        <FormHelperText id={`${id}-line`} error={Boolean(error)} role={error ? "alert" : undefined}>
          {error ? `${t("common.errorPrefix")} ${error}` : line}
        </FormHelperText>
      )}
    </Box>
  );
}

export function FieldLabel({
  children,
  htmlFor,
  required,
  id,
}: {
  children: ReactNode;
  htmlFor?: string;
  required?: boolean;
  id?: string;
}) {
  return (
    <Box
      component={htmlFor ? "label" : "div"}
      id={id}
      {...(htmlFor ? { htmlFor } : {})}
      sx={{ display: "block", mb: 0.75, fontWeight: 600, fontSize: "0.875rem" }}
    >
      {children}
      {required && <span aria-hidden="true"> *</span>}
    </Box>
  );
}
