import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import type { SxProps, Theme } from "@mui/material/styles";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import type { Patient } from "../ipc/bindings";
import { age, useFormat } from "./format";
import { Initials } from "./Initials";
import { LeftIcon } from "./icons";
import { testIds } from "./testIds";

/** Who this screen is about: same place and same words on every screen about a person. Without `actions` of the screen's own it leads back to the person's history. */
export function PatientBanner({ patient, actions }: { patient: Patient; actions?: ReactNode }) {
  const { t } = useTranslation();
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
        columnGap: { xs: 1, sm: 2 },
        rowGap: 0.25,
        px: { xs: 2, sm: 3 },
        py: { xs: 0.75, sm: 1.25 },
        bgcolor: "background.paper",
        borderBottom: 1,
        borderColor: "line",
      }}
    >
      <Box sx={{ display: { xs: "none", sm: "block" } }}>
        <Initials name={patient.full_name} />
      </Box>
      <Box sx={{ flex: { xs: "1 1 100px", sm: "1 1 200px" }, minWidth: 0 }}>
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
        {patient.legal_hold && (
          <Box
            component="span"
            data-testid={testIds.legalHoldMark}
            sx={{
              ml: 1,
              px: 1,
              borderRadius: 1,
              bgcolor: "hint.ground",
              color: "hint.text",
              fontSize: "0.8125rem",
              fontWeight: 700,
              whiteSpace: "nowrap",
            }}
          >
            {t("hold.mark")}
          </Box>
        )}
        <PatientFacts patient={patient} sx={{ display: { xs: "none", sm: "block" } }} />
      </Box>
      <Box sx={{ display: "flex", gap: 1 }}>
        {actions ?? <BannerAction to={`/patients/${patient.id}`} icon={<LeftIcon />} label={t("patient.history")} />}
      </Box>
      {/* In a narrow window the facts take the whole width below the name and the buttons. */}
      <PatientFacts patient={patient} sx={{ display: { xs: "block", sm: "none" }, flex: "1 1 100%" }} />
    </Box>
  );
}

/** A button of the banner; where there is little room its icon speaks for it. */
export function BannerAction({
  to,
  icon,
  label,
  main = false,
  testId,
}: {
  to: string;
  icon: ReactNode;
  label: string;
  main?: boolean;
  testId?: string;
}) {
  return (
    <Button
      component={RouterLink}
      to={to}
      variant={main ? "contained" : "outlined"}
      aria-label={label}
      title={label}
      data-testid={testId}
      sx={{ minWidth: 44, px: { xs: 1, md: 2 }, gap: 1, "& svg": { fontSize: 20 } }}
    >
      {icon}
      <Box component="span" sx={{ display: { xs: "none", md: "inline" } }}>
        {label}
      </Box>
    </Button>
  );
}

/** The facts in one line that breaks between them and never inside one. */
export function PatientFacts({ patient, sx }: { patient: Patient; sx?: SxProps<Theme> }) {
  const facts = usePatientFacts(patient);
  return (
    <Box sx={[{ color: "text.secondary", fontSize: "0.875rem" }, ...(Array.isArray(sx) ? sx : [sx ?? {}])]}>
      {facts.map((fact, nth) => (
        <Fragment key={fact}>
          {nth > 0 && " · "}
          <Box component="span" sx={{ whiteSpace: "nowrap" }}>
            {fact}
          </Box>
        </Fragment>
      ))}
    </Box>
  );
}

/** Sex, birth and age, and the masked id and phone: enough to know a person by, too little to copy. Who has no id is told
 * from others of the same name by the end of the record's own. */
export function usePatientFacts(patient: Pick<Patient, "id" | "sex" | "born" | "national_id" | "phone">): string[] {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: string[] = [];
  if (patient.sex) facts.push(t(`sex.${patient.sex}`));
  if (patient.born) {
    const { years, about } = age(patient.born);
    facts.push(`${format.born(patient.born)} (${t(about ? "patient.ageAbout" : "patient.age", { years })})`);
  }
  facts.push(
    patient.national_id
      ? `${t("patient.nationalIdShort")} ${masked(patient.national_id, 4, 3, "•••••")}`
      : `${t("patient.recordShort")} ${patient.id.slice(-6).toUpperCase()}`,
  );
  if (patient.phone) facts.push(masked(patient.phone.replace(/\s/g, ""), 3, 3, " •••• "));
  return facts;
}

/** Too short to hide a middle: hidden whole. */
export function masked(text: string, first: number, last: number, dots: string): string {
  const letters = [...text];
  if (letters.length < first + last + 2) return `${dots.trim()}${letters.slice(-2).join("")}`;
  return letters.slice(0, first).join("") + dots + letters.slice(-last).join("");
}
