import type { RiskLevel } from "../ipc/bindings";

export type Mode = "light" | "dark";

/** SeekWell's own hues, for shapes and surfaces. Text on them takes `riskColours`. */
export const riskHue: Record<RiskLevel, string> = {
  URGENT: "#dc2626",
  HIGH: "#f56a00",
  MEDIUM: "#ffc933",
  LOW: "#36a41d",
  UNCERTAIN: "#a0aec0",
};

export const brandGreen = "#36a41d";

/** Each pair reaches 4.5:1 or more. */
export const riskColours: Record<Mode, Record<RiskLevel, { ground: string; text: string }>> = {
  light: {
    URGENT: { ground: "#fee2e2", text: "#991b1b" },
    HIGH: { ground: "#ffedd5", text: "#9a3412" },
    MEDIUM: { ground: "#fef3c7", text: "#854d0e" },
    LOW: { ground: "#dcf5dc", text: "#1d540f" },
    UNCERTAIN: { ground: "#e2e8f0", text: "#334155" },
  },
  dark: {
    URGENT: { ground: "#5c1414", text: "#fecaca" },
    HIGH: { ground: "#54220a", text: "#fed7aa" },
    MEDIUM: { ground: "#4a350a", text: "#fde68a" },
    LOW: { ground: "#17400c", text: "#bbf0ae" },
    UNCERTAIN: { ground: "#3b475a", text: "#e2e8f0" },
  },
};

/** Behind photographs, in both themes: neutral, so that skin keeps its colour. */
export const photoGround = "#202124";
export const photoControl = "rgba(20, 21, 24, 0.82)";

export const railWidth = 84;
export const target = 44;
