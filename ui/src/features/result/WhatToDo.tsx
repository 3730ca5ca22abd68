import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import { testIds } from "../../design/testIds";
import type { AnalysisDone } from "../../ipc/bindings";
import { todoSteps } from "./todoWords";

/** What to do and by when, most pressing first. */
export function WhatToDo({ analysis }: { analysis: AnalysisDone }) {
  const { t } = useTranslation();
  const date = useFormat().day(analysis.follow_up_by);
  return (
    <>
      <Box
        component="ol"
        data-testid={testIds.todo}
        sx={{ m: 0, pl: 2.75, display: "grid", gap: 0.75, "& li::marker": { fontWeight: 700 } }}
      >
        {todoSteps(t, analysis, date).map((step, nth) => (
          <Box component="li" key={step} sx={{ fontWeight: nth === 0 ? 700 : 400 }}>
            {step}
          </Box>
        ))}
      </Box>
      <Box sx={{ mt: 1, px: 1.5, py: 0.75, borderRadius: 2, border: 1, borderColor: "line" }}>
        {t("todo.followUp")}: <strong>{date}</strong> ({t("todo.days", { count: analysis.follow_up_days })})
      </Box>
    </>
  );
}
