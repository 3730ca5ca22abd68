import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import { useFormat } from "../../design/format";
import { EmptyState, Loaded } from "../../design/Loaded";
import { RiskBadge } from "../../design/RiskBadge";
import { Panel } from "../../design/Screen";
import { DeliveryMark } from "../../design/SyncLook";
import { testIds } from "../../design/testIds";
import type { RecordKind, SyncStatus, UnsentItem } from "../../ipc/bindings";
import { useUnsent } from "../../ipc/queries";
import { refusalWord } from "./refusal";

/** One by one what the centre has not confirmed, in the order in which it goes. */
export function UnsentPanel({ status, now }: { status: SyncStatus; now: Date }) {
  const { t } = useTranslation();
  const format = useFormat();
  const unsent = useUnsent();
  return (
    <Panel title={t("unsent.title")} id="unsent">
      <Loaded query={unsent}>
        {({ items, more }) =>
          items.length === 0 ? (
            <Nothing status={status} />
          ) : (
            <Box component="ul" aria-labelledby="unsent" sx={{ m: 0, p: 0, listStyle: "none" }}>
              {items.map((item) => (
                <Row key={`${item.kind} ${item.part} ${item.record}`} item={item} now={now} />
              ))}
              {more > 0 && (
                <Box component="li" data-testid={testIds.unsentMore} sx={{ pt: 1.5, color: "text.secondary" }}>
                  {t("unsent.more", { n: format.number(more) })}
                </Box>
              )}
            </Box>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Nothing({ status }: { status: SyncStatus }) {
  const { t } = useTranslation();
  const all = status.overall === "at_centre";
  return (
    <Box data-testid={testIds.syncEmpty} data-all={all}>
      <EmptyState
        title={t(all ? "unsent.allThere" : "unsent.none")}
        text={t(all ? "unsent.allThereHint" : "unsent.noneHint")}
      />
    </Box>
  );
}

function Row({ item, now }: { item: UnsentItem; now: Date }) {
  const { t } = useTranslation();
  const format = useFormat();
  const what = item.part ? t(`imagePart.${item.part}`) : t(`recordKind.${item.kind}`);
  const to = item.photo_id ? `/photos/${item.photo_id}` : item.patient_id ? `/patients/${item.patient_id}` : null;
  const times = [
    item.queued_at && t("unsent.since", { when: format.ago(item.queued_at, now) }),
    item.tries > 0 && t("unsent.tries", { count: item.tries }),
    item.next_try_at && t("unsent.next", { when: format.time(item.next_try_at) }),
  ].filter(Boolean);
  return (
    <Box
      component="li"
      data-testid={testIds.unsentRow}
      data-state={item.state}
      sx={{
        display: "grid",
        gridTemplateColumns: "minmax(0, 1fr) auto",
        columnGap: 1.5,
        py: 1,
        borderBottom: 1,
        borderColor: "line",
        "&:last-of-type": { borderBottom: 0 },
      }}
    >
      <Box sx={{ minWidth: 0, display: "grid", gap: 0.5, alignContent: "center" }}>
        <Box sx={{ display: "flex", flexWrap: "wrap", columnGap: 1, rowGap: 0.5, alignItems: "center" }}>
          <Box component="span" sx={{ fontWeight: 700 }}>
            {what}
          </Box>
          {item.patient_name && (
            <Box component="span" sx={{ overflowWrap: "anywhere" }}>
              {item.patient_name}
            </Box>
          )}
        </Box>
        <Box sx={{ display: "flex", flexWrap: "wrap", columnGap: 1, rowGap: 0.5, alignItems: "center" }}>
          {item.urgent && <RiskBadge risk="URGENT" />}
          <DeliveryMark state={item.state} />
          <Box component="span" sx={{ fontSize: "0.875rem", color: "text.secondary" }}>
            {times.join(" · ")}
          </Box>
        </Box>
        {item.reason && <Reason kind={item.kind} reason={item.reason} />}
      </Box>
      {to && (
        <Link
          component={RouterLink}
          to={to}
          aria-label={t("unsent.showNamed", { what, name: item.patient_name ?? "" })}
          data-testid={testIds.unsentShow}
          sx={{ alignSelf: "start", minHeight: 44, px: 1, display: "inline-flex", alignItems: "center" }}
        >
          {t("unsent.show")}
        </Link>
      )}
    </Box>
  );
}

function Reason({ kind, reason }: { kind: RecordKind; reason: string }) {
  const { t } = useTranslation();
  return (
    <Box sx={{ fontSize: "0.875rem" }}>
      {t(`refusal.${refusalWord(kind, reason)}`)}
      <Box component="details" sx={{ fontSize: "0.8125rem" }}>
        <Box component="summary" sx={{ cursor: "pointer", py: 1.5, textDecoration: "underline" }}>
          {t("common.details")}
        </Box>
        <Box lang="en" sx={{ overflowWrap: "anywhere" }}>
          {reason}
        </Box>
      </Box>
    </Box>
  );
}
