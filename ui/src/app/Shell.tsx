import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, Link as RouterLink, useLocation } from "react-router";
import { ScrollAreaProvider } from "../design/Screen";
import { UnsavedGuard } from "../design/Unsaved";
import { closeWindow, watchCross } from "../ipc/leaving";
import { useSetPreferences } from "../ipc/queries";
import { LookAt } from "./LookAt";
import { Nav } from "./Nav";
import { SearchTextProvider } from "./SearchText";
import { useSigned } from "./SignedIn";
import { TopBar } from "./TopBar";
import { UrgentNews } from "./UrgentNews";

const cross = { watch: watchCross, close: closeWindow };

/** Rail (or bar at the foot of a narrow window), top bar, and the one area that scrolls. */
export function Shell() {
  const { t } = useTranslation();
  const { keyConfirmed } = useSigned();
  const { pathname } = useLocation();
  const [area, setArea] = useState<HTMLElement | null>(null);
  useLastRoute();
  useFocusOnArrival(area);
  return (
    <SearchTextProvider>
      <UnsavedGuard cross={cross}>
        <Box sx={{ height: "100dvh", display: "flex", flexDirection: { xs: "column-reverse", sm: "row" } }}>
          <LookAt />
          <Nav />
          <Box sx={{ flex: 1, minWidth: 0, minHeight: 0, display: "flex", flexDirection: "column" }}>
            <Box sx={{ flex: "none", position: "relative" }}>
              <TopBar />
              <UrgentNews />
            </Box>
            {!keyConfirmed && (
              <Box
                role="status"
                sx={{
                  px: { xs: 2, sm: 3 },
                  py: 1,
                  bgcolor: "hint.ground",
                  color: "hint.text",
                  borderBottom: 1,
                  borderColor: "hint.line",
                }}
              >
                {t("recoveryKey.reminder")}{" "}
                <Link component={RouterLink} to="/settings" color="inherit" sx={{ fontWeight: 700 }}>
                  {t("recoveryKey.reminderLink")}
                </Link>
              </Box>
            )}
            <Box
              component="main"
              key={pathname}
              ref={setArea}
              tabIndex={-1}
              // What takes the focus comes out from under the patient's banner.
              sx={{ flex: 1, minHeight: 0, overflow: "auto", position: "relative", scrollPaddingTop: "116px" }}
            >
              <ScrollAreaProvider value={area}>
                <Outlet />
              </ScrollAreaProvider>
            </Box>
          </Box>
        </Box>
      </UnsavedGuard>
    </SearchTextProvider>
  );
}

/** A window that is started again comes back here. */
function useLastRoute() {
  const { pathname, search } = useLocation();
  const set = useSetPreferences();
  const latest = useRef(set);
  latest.current = set;
  useEffect(() => {
    if (pathname !== "/sign-out") latest.current({ last_route: pathname + search });
  }, [pathname, search]);
}

/**
 * A new screen starts at its top and takes the focus, so that a screen reader reads it. Typing in the search field goes on, and
 * so does a field of the screen itself that took it first.
 */
function useFocusOnArrival(area: HTMLElement | null) {
  const before = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (!area || area === before.current) return;
    const first = before.current === null;
    before.current = area;
    const { activeElement } = document;
    if (first || activeElement instanceof HTMLInputElement || area.contains(activeElement)) return;
    area.focus({ preventScroll: true });
  }, [area]);
}
