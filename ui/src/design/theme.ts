import { createTheme, type Theme } from "@mui/material/styles";
import { brandGreen, type Mode, target } from "./tokens";

declare module "@mui/material/styles" {
  interface Palette {
    line: string;
    control: string;
    calm: { ground: string; text: string; line: string };
    hint: { ground: string; text: string; line: string };
    fault: { ground: string; text: string; line: string };
    still: { ground: string; text: string; line: string };
    moving: { ground: string; text: string; line: string };
  }
  interface PaletteOptions {
    line: string;
    control: string;
    calm: { ground: string; text: string; line: string };
    hint: { ground: string; text: string; line: string };
    fault: { ground: string; text: string; line: string };
    still: { ground: string; text: string; line: string };
    moving: { ground: string; text: string; line: string };
  }
}

const palettes = {
  light: {
    primary: { main: "#246b13", dark: "#1a520d", light: brandGreen, contrastText: "#ffffff" },
    error: { main: "#b91c1c" },
    background: { default: "#f8fafc", paper: "#ffffff" },
    text: { primary: "#1a202c", secondary: "#4a5568" },
    divider: "#e2e8f0",
    line: "#e2e8f0",
    control: "#8390a5",
    calm: { ground: "#eff8ee", text: "#1d540f", line: "#9fdc93" },
    hint: { ground: "#fff7ed", text: "#8a2d0b", line: "#fdcf9b" },
    fault: { ground: "#fee2e2", text: "#991b1b", line: "#f8b4b4" },
    still: { ground: "#eef2f7", text: "#334155", line: "#b6c2d2" },
    moving: { ground: "#e6f2fd", text: "#0b4a7d", line: "#9ccbf3" },
  },
  dark: {
    primary: { main: "#8fdc7c", dark: "#a9e79a", light: "#b9efac", contrastText: "#0b2405" },
    error: { main: "#fca5a5" },
    background: { default: "#0f1419", paper: "#171d25" },
    text: { primary: "#edf2f7", secondary: "#b3bfd0" },
    divider: "#2d3748",
    line: "#2d3748",
    control: "#7c8aa0",
    calm: { ground: "#12290c", text: "#bbf0ae", line: "#35702a" },
    hint: { ground: "#3a1f0b", text: "#fed7aa", line: "#7c4a1c" },
    fault: { ground: "#4a1212", text: "#fecaca", line: "#8f2c2c" },
    still: { ground: "#242d39", text: "#dbe3ee", line: "#4a586b" },
    moving: { ground: "#0d2b45", text: "#bfe0fb", line: "#2c608f" },
  },
} as const;

export function createSeekWellTheme(mode: Mode): Theme {
  const palette = palettes[mode];
  return createTheme({
    palette: { mode, ...palette },
    shape: { borderRadius: 6 },
    typography: {
      fontFamily: "'Noto Sans', sans-serif",
      fontSize: 15,
      body1: { fontSize: "0.9375rem" },
      body2: { fontSize: "0.875rem" },
      caption: { fontSize: "0.8125rem" },
      h1: { fontSize: "1.375rem", fontWeight: 700, lineHeight: 1.3 },
      h2: { fontSize: "1.0625rem", fontWeight: 700, lineHeight: 1.4 },
      h3: { fontSize: "0.9375rem", fontWeight: 700, lineHeight: 1.4 },
      button: { fontSize: "0.9375rem", fontWeight: 600, textTransform: "none" },
    },
    components: {
      MuiCssBaseline: {
        styleOverrides: {
          "html, body, #root": { height: "100%" },
          body: { overflow: "hidden" },
          ":focus-visible": { outline: `3px solid ${palette.primary.main}`, outlineOffset: 2 },
          "main:focus-visible, h1:focus-visible": { outline: "none" },
          a: { color: palette.primary.main },
          "@media (prefers-reduced-motion: reduce)": {
            "*, *::before, *::after": {
              animationDuration: "0.01ms !important",
              animationIterationCount: "1 !important",
              transitionDuration: "0.01ms !important",
              scrollBehavior: "auto !important",
            },
          },
        },
      },
      MuiButtonBase: { defaultProps: { disableRipple: true }, styleOverrides: { root: { font: "inherit" } } },
      MuiButton: {
        defaultProps: { disableElevation: true },
        styleOverrides: {
          root: { minHeight: target, paddingInline: 16, borderRadius: 10 },
          outlined: {
            borderColor: palette.control,
            color: palette.text.primary,
            backgroundColor: palette.background.paper,
          },
        },
      },
      MuiIconButton: { styleOverrides: { root: { minWidth: target, minHeight: target, color: palette.text.primary } } },
      MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
      // MUI lets a menu's entries shrink in a wide window.
      MuiMenuItem: { styleOverrides: { root: { "&&": { minHeight: target } } } },
      MuiDialogTitle: { styleOverrides: { root: { fontSize: "1.0625rem", fontWeight: 700 } } },
      MuiOutlinedInput: {
        styleOverrides: {
          root: { backgroundColor: palette.background.paper, minHeight: target, borderRadius: 10 },
          notchedOutline: { borderColor: palette.control },
          input: { paddingBlock: 11, textOverflow: "ellipsis" },
          multiline: { paddingBlock: 0 },
        },
      },
      MuiFormHelperText: { styleOverrides: { root: { fontSize: "0.8125rem", marginInline: 2 } } },
      MuiLink: { defaultProps: { underline: "always" } },
    },
  });
}
