import Box from "@mui/material/Box";
import FormHelperText from "@mui/material/FormHelperText";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { FieldLabel } from "./Field";
import { target } from "./tokens";

export type Option<V extends string> = { value: V; label: ReactNode; testId: string };

/** One of a few, all in sight: native radio buttons drawn as a segmented bar, or as chips that wrap. */
export function Choice<V extends string>({
  label,
  required,
  options,
  value,
  onChange,
  wrap = false,
  disabled = false,
  error,
}: {
  label: string;
  required?: boolean;
  options: Option<V>[];
  value: V | null;
  onChange: (value: V) => void;
  wrap?: boolean;
  disabled?: boolean;
  error?: string | null;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Box
      role="radiogroup"
      aria-labelledby={id}
      aria-required={required || undefined}
      aria-invalid={Boolean(error)}
      aria-describedby={error ? `${id}-line` : undefined}
    >
      <FieldLabel id={id} required={required}>
        {label}
      </FieldLabel>
      <Box
        sx={
          wrap
            ? { display: "flex", flexWrap: "wrap", gap: 0.75 }
            : {
                display: "grid",
                gridAutoFlow: "column",
                gridAutoColumns: "1fr",
                border: 1,
                borderColor: "control",
                borderRadius: 2,
                overflow: "hidden",
              }
        }
      >
        {options.map((option) => (
          <Box
            component="label"
            key={option.value}
            sx={{
              position: "relative",
              display: "inline-flex",
              alignItems: "center",
              justifyContent: "center",
              minHeight: target,
              minWidth: target,
              px: 1.5,
              textAlign: "center",
              cursor: disabled ? "default" : "pointer",
              fontWeight: value === option.value ? 700 : 500,
              border: wrap ? 1 : 0,
              borderColor: "control",
              borderRadius: wrap ? 99 : 0,
              "&:not(:first-of-type)": wrap ? {} : { borderLeft: 1, borderColor: "control" },
              bgcolor: value === option.value ? "primary.main" : "background.paper",
              color: value === option.value ? "primary.contrastText" : "text.primary",
              opacity: disabled ? 0.6 : 1,
              "&:has(:focus-visible)": {
                outline: 3,
                outlineColor: value === option.value && !wrap ? "primary.contrastText" : "primary.main",
                outlineOffset: wrap ? 2 : -4,
                outlineStyle: "solid",
              },
            }}
          >
            <Box
              component="input"
              type="radio"
              name={id}
              data-testid={option.testId}
              checked={value === option.value}
              disabled={disabled}
              onChange={() => onChange(option.value)}
              sx={{
                position: "absolute",
                inset: 0,
                m: 0,
                width: "100%",
                height: "100%",
                opacity: 0,
                cursor: "inherit",
              }}
            />
            {option.label}
          </Box>
        ))}
      </Box>
      {error && (
        <FormHelperText id={`${id}-line`} error role="alert">
          {t("common.errorPrefix")} {error}
        </FormHelperText>
      )}
    </Box>
  );
}
