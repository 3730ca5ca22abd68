import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import type { Patient } from "../ipc/bindings";
import { age, useFormat } from "./format";
import { testIds } from "./testIds";

/** Who this screen is about: same place and same words on every screen about a person. */
export function PatientBanner({ patient, actions }: { patient: Patient; actions?: ReactNode }) {
  const { t } = useTranslation();
  const facts = usePatientFacts(patient);
  return (
    <Box
      component="section"
      aria-label={t("patient.bannerLabel")}
      data-testid={testIds.patientBanner}
      data-patient={patient.id}
      sx={{
        position: "sticky",
        top: 0,
        zIndex: 5,
        flex: "none",
        display: "flex",
        flexWrap: "wrap",
        alignItems: "center",
        columnGap: 2,
        rowGap: 1,
        px: { xs: 2, sm: 3 },
        py: 1.25,
        bgcolor: "background.paper",
        borderBottom: 1,
        borderColor: "line",
      }}
    >
      <Initials name={patient.full_name} />
      <Box sx={{ flex: "1 1 200px", minWidth: 0 }}>
        <Link
          component={RouterLink}
          to={`/patients/${patient.id}`}
          underline="hover"
          sx={{
            fontSize: { xs: "1.0625rem", sm: "1.3125rem" },
            fontWeight: 700,
            color: "text.primary",
            display: "inline-block",
            py: 1.4,
            my: -1.4,
            overflowWrap: "anywhere",
          }}
        >
          {patient.full_name}
        </Link>
        <Box sx={{ color: "text.secondary", fontSize: "0.875rem" }}>{facts.join(" · ")}</Box>
      </Box>
      {actions && <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>{actions}</Box>}
    </Box>
  );
}

/** Sex, birth and age, and the masked id and phone: enough to know a person by, too little to copy. */
export function usePatientFacts(patient: Patient): string[] {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: string[] = [];
  if (patient.sex) facts.push(t(`sex.${patient.sex}`));
  if (patient.born) {
    const { years, about } = age(patient.born);
    facts.push(`${format.born(patient.born)} (${t(about ? "patient.ageAbout" : "patient.age", { years })})`);
  }
  if (patient.national_id) facts.push(`${t("patient.nationalIdShort")} ${masked(patient.national_id, 4, 3, "•••••")}`);
  if (patient.phone) facts.push(masked(patient.phone.replace(/\s/g, ""), 3, 3, " •••• "));
  if (facts.length === 0) facts.push(t("patient.nothingKnown"));
  return facts;
}

export function Initials({ name, size = 48 }: { name: string; size?: number }) {
  return (
    <Box
      aria-hidden="true"
      sx={{
        flex: "none",
        width: size,
        height: size,
        borderRadius: 2,
        display: "grid",
        placeItems: "center",
        bgcolor: "calm.ground",
        color: "calm.text",
        fontWeight: 700,
        fontSize: size * 0.36,
      }}
    >
      {initials(name)}
    </Box>
  );
}

/** First letters of the family name and of the given name, which comes last in Vietnamese. */
export function initials(name: string): string {
  const words = name
    .replace(/\(.*?\)/g, " ")
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase("vi");
}

/** Too short to hide a middle: hidden whole. */
export function masked(text: string, first: number, last: number, dots: string): string {
  const letters = [...text];
  if (letters.length < first + last + 2) return `${dots.trim()}${letters.slice(-2).join("")}`;
  return letters.slice(0, first).join("") + dots + letters.slice(-last).join("");
}
