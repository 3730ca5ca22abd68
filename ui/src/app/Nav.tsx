import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useMatch } from "react-router";
import { BrandMark } from "../design/BrandMark";
import { BellIcon, CameraIcon, PeopleIcon, SettingsIcon } from "../design/icons";
import { toneColours } from "../design/SyncLook";
import { testIds } from "../design/testIds";
import { railWidth, riskHue } from "../design/tokens";
import { useUrgentSummary } from "../ipc/queries";
import { useSigned } from "./SignedIn";
import { usePatientInContext } from "./usePatientInContext";

export function Nav() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const patientId = usePatientInContext();
  const capturing = Boolean(useMatch("/patients/:patientId/new-photo")) || pathname === "/new-photo";
  const settings = pathname === "/settings";
  const urgent = pathname === "/urgent";
  const staff = useSigned().person.role !== "PATIENT";
  const cases = useUrgentSummary(staff);
  const sync = pathname === "/sync";
  return (
    <Box
      component="nav"
      aria-label={t("nav.label")}
      sx={{
        flex: "none",
        display: "flex",
        flexDirection: { xs: "row", sm: "column" },
        justifyContent: { xs: "space-around", sm: "flex-start" },
        alignItems: "center",
        gap: 0.5,
        width: { sm: railWidth },
        p: { xs: 0.5, sm: 0.75 },
        bgcolor: "background.paper",
        borderRight: { sm: 1 },
        borderTop: { xs: 1, sm: 0 },
        borderColor: { xs: "line", sm: "line" },
      }}
    >
      <Box sx={{ display: { xs: "none", sm: "block" }, my: 1 }}>
        <BrandMark size={44} />
      </Box>
      <Entry
        to="/patients"
        here={!capturing && !settings && !urgent && !sync}
        icon={<PeopleIcon />}
        label={t("nav.patients")}
        testId={testIds.navPatients}
      />
      {staff && (
        <Entry
          to="/urgent"
          here={urgent}
          icon={<Badged count={cases.error ? null : cases.data?.open} />}
          label={t("nav.urgent")}
          testId={testIds.navUrgent}
        />
      )}
      <Entry
        to={patientId ? `/patients/${patientId}/new-photo` : "/new-photo"}
        here={capturing}
        icon={<CameraIcon />}
        label={t("nav.newPhoto")}
        testId={testIds.navNewPhoto}
      />
      <Entry
        to="/settings"
        here={settings}
        icon={<SettingsIcon />}
        label={t("nav.settings")}
        testId={testIds.navSettings}
      />
    </Box>
  );
}

function Entry({
  to,
  here,
  icon,
  label,
  testId,
}: {
  to: string;
  here: boolean;
  icon: ReactNode;
  label: string;
  testId: string;
}) {
  return (
    <Box
      component={Link}
      to={to}
      aria-current={here ? "page" : undefined}
      data-testid={testId}
      sx={{
        display: "grid",
        justifyItems: "center",
        gap: 0.25,
        flex: { xs: 1, sm: "none" },
        width: { sm: "100%" },
        minHeight: 52,
        py: 0.75,
        borderRadius: 2,
        fontSize: "0.75rem",
        textAlign: "center",
        textDecoration: "none",
        fontWeight: here ? 700 : 500,
        color: here ? "calm.text" : "text.secondary",
        bgcolor: here ? "calm.ground" : "transparent",
        "&:hover": { bgcolor: here ? "calm.ground" : "action.hover" },
      }}
    >
      {icon}
      {label}
    </Box>
  );
}

/** How many are open, beside the icon; a screen reader hears what is counted. null: that could not be read. */
function Badged({ count = 0 }: { count: number | null | undefined }) {
  const { t } = useTranslation();
  const unknown = count === null;
  return (
    <Box component="span" sx={{ position: "relative", display: "grid" }}>
      <BellIcon />
      {(unknown || count > 0) && (
        <Box
          component="span"
          role="img"
          aria-label={unknown ? t("nav.urgentUnknown") : t("nav.urgentOpen", { count })}
          data-testid={testIds.urgentBadge}
          sx={{
            position: "absolute",
            left: "60%",
            bottom: "45%",
            minWidth: 20,
            px: 0.5,
            borderRadius: 99,
            ...(unknown ? toneColours("still") : { bgcolor: riskHue.URGENT, color: "#ffffff" }),
            fontSize: "0.75rem",
            lineHeight: "20px",
            fontWeight: 700,
            textAlign: "center",
          }}
        >
          {unknown ? "?" : count > 99 ? "99+" : count}
        </Box>
      )}
    </Box>
  );
}
