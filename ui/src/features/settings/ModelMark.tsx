import Box from "@mui/material/Box";
import type { ReactNode } from "react";

/** A word beside a model's name. */
export function ModelMark({ tone, children }: { tone: "calm" | "hint" | "fault"; children: ReactNode }) {
  return (
    <Box
      sx={{
        px: 1,
        borderRadius: 1,
        bgcolor: `${tone}.ground`,
        color: `${tone}.text`,
        fontSize: "0.8125rem",
        fontWeight: 700,
      }}
    >
      {children}
    </Box>
  );
}
