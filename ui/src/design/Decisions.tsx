import Box from "@mui/material/Box";
import { type ReactNode, useEffect, useRef } from "react";
import { Announce } from "./Screen";

/**
 * Things that somebody decides about one by one, and that are gone then with the buttons that were pressed: it is said, and
 * the keyboard goes on from here. `made` counts the decisions.
 */
export function Decisions({
  made,
  said,
  shown,
  children,
}: {
  made: number;
  said: string;
  shown: boolean;
  children: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (made > 0) place.current?.focus({ preventScroll: true });
  }, [made]);
  return (
    <Box
      ref={place}
      tabIndex={-1}
      sx={{ position: shown ? "static" : "absolute", "&:focus-visible": { outline: "none" } }}
    >
      {shown && children}
      <Announce text={made > 0 ? said : ""} />
    </Box>
  );
}
