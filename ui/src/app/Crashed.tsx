import Box from "@mui/material/Box";
import { useRouteError } from "react-router";
import { ErrorNote } from "../design/ErrorNote";
import { asSeekWellError } from "../ipc/failure";

/** A fault in a screen costs that screen and nothing else. */
export function Crashed() {
  const error = asSeekWellError(useRouteError());
  return (
    <Box sx={{ p: 3, maxWidth: 720, mx: "auto" }}>
      <ErrorNote error={error} onRetry={() => window.location.reload()} />
    </Box>
  );
}
