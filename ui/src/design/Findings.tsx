import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import type { Finding } from "../ipc/bindings";

/** "blurred, too dark": what is wrong with a photo in as few words as it takes. */
export function useFindingWords() {
  const { t } = useTranslation();
  return (findings: Finding[]) => findings.map((one) => t(`quality.word.${one}`)).join(", ");
}

/** What is wrong with a photo, and for each what helps. */
export function FindingList({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation();
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 0.5 }}>
      {findings.map((one) => (
        <li key={one}>
          <strong>{t(`quality.says.${one}`)}</strong> {t(`quality.tip.${one}`)}
        </li>
      ))}
    </Box>
  );
}
