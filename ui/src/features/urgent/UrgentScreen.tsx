import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Choice } from "../../design/Choice";
import { ErrorNote } from "../../design/ErrorNote";
import { EmptyState, Loaded, RowsSkeleton } from "../../design/Loaded";
import { Announce, Screen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { WhichUrgent } from "../../ipc/bindings";
import { useUrgentCases, useUrgentSummary } from "../../ipc/queries";
import { CaseRow } from "./CaseRow";

const MINUTE_MS = 60_000;

/** The whole clinic's urgent cases: those that nobody takes care of yet, and the others. */
export function UrgentScreen() {
  const { t } = useTranslation();
  // In the address, so that "back" from a result and a window that is started again find the same list.
  const [address, setAddress] = useSearchParams();
  const which: WhichUrgent = address.get("show") === "acknowledged" ? "acknowledged" : "open";
  const [taken, setTaken] = useState("");
  const open = useUrgentSummary().data?.open ?? 0;
  return (
    <Screen title={t("urgent.title")}>
      <Box sx={{ mb: 2, maxWidth: 480 }}>
        <Choice
          label={t("urgent.show")}
          value={which}
          options={[
            { value: "open", label: t("urgent.open", { count: open }), testId: testIds.urgentShow("open") },
            { value: "acknowledged", label: t("urgent.acknowledged"), testId: testIds.urgentShow("acknowledged") },
          ]}
          onChange={(show) => setAddress(show === "open" ? {} : { show }, { replace: true })}
        />
      </Box>
      <Cases key={which} which={which} onAcknowledged={setTaken} />
      <Announce text={taken ? t("acknowledge.done", { name: taken }) : ""} />
    </Screen>
  );
}

function Cases({ which, onAcknowledged }: { which: WhichUrgent; onAcknowledged: (name: string) => void }) {
  const { t } = useTranslation();
  const query = useUrgentCases(which);
  const now = useNow();
  return (
    <Loaded query={query} skeleton={<RowsSkeleton rows={4} height={112} />}>
      {({ pages }) => {
        const cases = pages.flatMap((page) => page.cases);
        if (cases.length === 0) {
          return which === "open" ? (
            <EmptyState title={t("urgent.none")} text={t("urgent.noneHint")} />
          ) : (
            <EmptyState title={t("urgent.noneAcknowledged")} text={t("urgent.noneAcknowledgedHint")} />
          );
        }
        return (
          <>
            <Box
              component="ul"
              aria-label={t("urgent.title")}
              sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.5 }}
            >
              {cases.map((one) => (
                <CaseRow key={one.analysis_id} urgent={one} now={now} onAcknowledged={onAcknowledged} />
              ))}
            </Box>
            {query.isFetchNextPageError && (
              <Box sx={{ mt: 2 }}>
                <ErrorNote error={query.error} onRetry={() => void query.fetchNextPage()} />
              </Box>
            )}
            {query.hasNextPage && !query.isFetchNextPageError && (
              <Box sx={{ mt: 2, textAlign: "center" }}>
                <Button
                  variant="outlined"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                  data-testid={testIds.urgentMore}
                >
                  {query.isFetchingNextPage ? t("common.loading") : t("urgent.more")}
                </Button>
              </Box>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

/** Ages grow while nothing else happens. */
function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
