import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Choice } from "../../design/Choice";
import type { CaseKind } from "../../design/caseKind";
import { Decisions } from "../../design/Decisions";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { EmptyState, Loaded, RowsSkeleton } from "../../design/Loaded";
import { Screen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { WhichUrgent } from "../../ipc/bindings";
import { useUrgentCases, useUrgentSummary } from "../../ipc/queries";
import { CaseRow } from "./CaseRow";

const MINUTE_MS = 60_000;

const SHOWN: WhichUrgent[] = ["open", "review", "acknowledged"];

/** The whole clinic's cases: urgent ones that nobody takes care of yet, those for review, and what somebody has seen. */
export function UrgentScreen() {
  const { t } = useTranslation();
  // In the address, so that "back" from a result and a window that is started again find the same list.
  const [address, setAddress] = useSearchParams();
  const which = SHOWN.find((one) => one === address.get("show")) ?? "open";
  const [seen, setSeen] = useState({ made: 0, said: "" });
  const counted = useCounted();
  return (
    <Screen title={t("urgent.title")}>
      <Box sx={{ mb: 2, maxWidth: 480 }}>
        <Choice
          label={t("urgent.show")}
          value={which}
          options={[
            { value: "open", label: counted("open"), testId: testIds.urgentShow("open") },
            { value: "review", label: counted("review"), testId: testIds.urgentShow("review") },
            { value: "acknowledged", label: t("urgent.acknowledged"), testId: testIds.urgentShow("acknowledged") },
          ]}
          onChange={(show) => setAddress(show === "open" ? {} : { show }, { replace: true })}
        />
      </Box>
      <Decisions {...seen} shown>
        <Cases
          key={which}
          which={which}
          onAcknowledged={(kind, name) =>
            setSeen(({ made }) => ({ made: made + 1, said: t(`acknowledge.${kind}.done`, { name }) }))
          }
        />
      </Decisions>
    </Screen>
  );
}

/** The name of a list with how many are in it, where that is known now. */
function useCounted() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = useUrgentSummary();
  return (list: "open" | "review") => {
    if (error) return t("urgent.counted", { list: t(`urgent.${list}`), n: t("urgent.unknown") });
    return data
      ? t("urgent.counted", { list: t(`urgent.${list}`), n: format.number(data[list]) })
      : t(`urgent.${list}`);
  };
}

function Cases({
  which,
  onAcknowledged,
}: {
  which: WhichUrgent;
  onAcknowledged: (kind: CaseKind, name: string) => void;
}) {
  const { t } = useTranslation();
  const query = useUrgentCases(which);
  // Puts no end to a reading that is under way.
  const more = () => void query.fetchNextPage({ cancelRefetch: false });
  const now = useNow();
  return (
    <Loaded query={query} skeleton={<RowsSkeleton rows={4} height={112} />}>
      {({ pages }) => {
        const cases = pages.flatMap((page) => page.cases);
        if (cases.length === 0) {
          if (which === "open") return <EmptyState title={t("urgent.none")} text={t("urgent.noneHint")} />;
          if (which === "review")
            return <EmptyState title={t("urgent.noneReview")} text={t("urgent.noneReviewHint")} />;
          return <EmptyState title={t("urgent.noneAcknowledged")} text={t("urgent.noneAcknowledgedHint")} />;
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
                <ErrorNote error={query.error} onRetry={more} />
              </Box>
            )}
            {query.hasNextPage && !query.isFetchNextPageError && (
              <Box sx={{ mt: 2, textAlign: "center" }}>
                <Button variant="outlined" disabled={query.isFetching} onClick={more} data-testid={testIds.urgentMore}>
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
