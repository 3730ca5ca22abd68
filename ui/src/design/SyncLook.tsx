import Box from "@mui/material/Box";
import type { SvgIconProps } from "@mui/material/SvgIcon";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ItemState, Overall } from "../ipc/bindings";
import { AlertIcon, AttentionIcon, CheckIcon, MachineIcon, TwoWaysIcon, UnknownIcon, UploadIcon } from "./icons";
import { testIds } from "./testIds";

/** Colours of the theme by their name. `calm` is green: it belongs to what the centre has confirmed, and to nothing else. */
export type Tone = "calm" | "still" | "moving" | "hint" | "fault";

type Look = { tone: Tone; Icon: (props: SvgIconProps) => ReactNode };

const LOOKS: Record<Overall | ItemState | "unknown", Look> = {
  not_connected: { tone: "still", Icon: MachineIcon },
  at_centre: { tone: "calm", Icon: CheckIcon },
  on_its_way: { tone: "moving", Icon: UploadIcon },
  kept_here: { tone: "still", Icon: MachineIcon },
  needs_you: { tone: "hint", Icon: AttentionIcon },
  conflict: { tone: "hint", Icon: TwoWaysIcon },
  alarm: { tone: "fault", Icon: AlertIcon },
  unknown: { tone: "still", Icon: UnknownIcon },
};

export function syncLook(state: keyof typeof LOOKS): Look {
  return LOOKS[state];
}

export function toneColours(tone: Tone) {
  return { bgcolor: `${tone}.ground`, color: `${tone}.text`, borderColor: `${tone}.line` };
}

/** How far one thing has come: icon, word and colour. A `quiet` one, of many side by side, has a frame only if somebody has to look. */
export function DeliveryMark({ state, quiet = false }: { state: ItemState; quiet?: boolean }) {
  const { t } = useTranslation();
  const { tone, Icon } = syncLook(state);
  const plain = quiet && tone !== "hint";
  return (
    <Box
      component="span"
      data-testid={testIds.delivery}
      data-state={state}
      sx={{
        display: "inline-flex",
        alignItems: "center",
        gap: 0.75,
        fontSize: "0.8125rem",
        whiteSpace: "nowrap",
        ...(plain
          ? { color: "text.secondary" }
          : { px: 1, py: 0.25, borderRadius: 1, border: 1, fontWeight: 600, ...toneColours(tone) }),
      }}
    >
      <Icon sx={{ fontSize: 16 }} />
      {t(`delivery.${state}`)}
    </Box>
  );
}
