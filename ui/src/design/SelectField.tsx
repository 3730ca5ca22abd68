import Box from "@mui/material/Box";
import NativeSelect from "@mui/material/NativeSelect";
import OutlinedInput from "@mui/material/OutlinedInput";
import { useId } from "react";
import { FieldLabel } from "./Field";

/** The platform's own select: it works with every keyboard, screen reader and phone. */
export function SelectField({
  label,
  hideLabel = false,
  testId,
  value,
  options,
  onChange,
}: {
  label: string;
  hideLabel?: boolean;
  testId: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}) {
  const id = useId();
  const testAttribute = { "data-testid": testId };
  return (
    <Box>
      {!hideLabel && <FieldLabel htmlFor={id}>{label}</FieldLabel>}
      <NativeSelect
        id={id}
        input={<OutlinedInput fullWidth={!hideLabel} />}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        inputProps={{ id, "aria-label": hideLabel ? label : undefined, ...testAttribute }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </NativeSelect>
    </Box>
  );
}
