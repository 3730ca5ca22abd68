import Box from "@mui/material/Box";
import OutlinedInput from "@mui/material/OutlinedInput";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { parseDay } from "../../design/parseDay";

/** A day typed the local way; it filters once it is a day, and an empty field filters nothing. */
export function DayField({
  label,
  testId,
  day,
  onDay,
}: {
  label: string;
  testId: string;
  day: string | null;
  onDay: (day: string | null) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const [typed, setTyped] = useState(() => localWay(day));
  useEffect(() => {
    setTyped((old) => ((old.trim() ? parseDay(old) : null) === day ? old : localWay(day)));
  }, [day]);
  const wrong = typed.trim() !== "" && parseDay(typed) === null;
  const settle = () => {
    const next = typed.trim() ? parseDay(typed) : null;
    if (!wrong && next !== day) onDay(next);
  };
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 0.75 }}>
      <Box component="label" htmlFor={id} sx={{ fontSize: "0.875rem", color: "text.secondary" }}>
        {label}
      </Box>
      <OutlinedInput
        id={id}
        size="small"
        value={typed}
        error={wrong}
        placeholder={t("filter.dayShape")}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onBlur={settle}
        onKeyDown={(event) => event.key === "Enter" && settle()}
        inputProps={{ "data-testid": testId, "aria-invalid": wrong, inputMode: "numeric" }}
        sx={{ width: { xs: 118, sm: 128 }, "& input": { px: { xs: 1.25, sm: 1.75 } } }}
      />
    </Box>
  );
}

const localWay = (day: string | null) => (day ? day.split("-").reverse().join("/") : "");
