import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { createContext, type ReactNode, useContext, useEffect } from "react";

/** The one element that scrolls, for lists that draw only what is in sight. */
const ScrollArea = createContext<HTMLElement | null>(null);
export const ScrollAreaProvider = ScrollArea.Provider;
export const useScrollArea = () => useContext(ScrollArea);

/** The window's title names the screen and never a person. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · SeekWell`;
  }, [title]);
}

export function Screen({
  title,
  action,
  children,
  width = 960,
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
  width?: number;
}) {
  useTitle(title);
  return (
    <Box sx={{ maxWidth: width, mx: "auto", p: { xs: 2, sm: 3 } }}>
      <Box
        sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center", justifyContent: "space-between", mb: 2 }}
      >
        <Typography variant="h1">{title}</Typography>
        {action}
      </Box>
      {children}
    </Box>
  );
}

export function Panel({ title, children, id }: { title?: string; children: ReactNode; id?: string }) {
  return (
    <Box
      component="section"
      aria-labelledby={title && id ? id : undefined}
      sx={{ bgcolor: "background.paper", border: 1, borderColor: "line", borderRadius: 2, p: { xs: 2, sm: 2.5 } }}
    >
      {title && (
        <Typography variant="h2" id={id} sx={{ mb: 1.5 }}>
          {title}
        </Typography>
      )}
      {children}
    </Box>
  );
}

/** Screens before anybody is signed in: one card in the middle. */
export function DoorScreen({ title, children, width = 480 }: { title: string; children: ReactNode; width?: number }) {
  useTitle(title);
  return (
    <Box
      component="main"
      sx={{
        height: "100%",
        overflow: "auto",
        display: "grid",
        alignItems: { xs: "start", sm: "center" },
        p: { xs: 1.5, sm: 3 },
      }}
    >
      <Box
        sx={{
          width: "100%",
          maxWidth: width,
          mx: "auto",
          bgcolor: "background.paper",
          border: 1,
          borderColor: "line",
          borderRadius: 3,
          p: { xs: 2, sm: 4 },
          display: "grid",
          gap: 2,
        }}
      >
        <Typography variant="h1">{title}</Typography>
        {children}
      </Box>
    </Box>
  );
}

const unseen = {
  position: "absolute",
  width: "1px",
  height: "1px",
  m: 0,
  overflow: "hidden",
  clipPath: "inset(50%)",
  whiteSpace: "nowrap",
} as const;

/** The heading of a screen whose picture needs none. */
export function HiddenTitle({ title }: { title: string }) {
  useTitle(title);
  return (
    <Box component="h1" sx={unseen}>
      {title}
    </Box>
  );
}

/** Spoken, not shown: what just happened. */
export function Announce({ text }: { text: string }) {
  return (
    <Box role="status" aria-live="polite" sx={unseen}>
      {text}
    </Box>
  );
}
