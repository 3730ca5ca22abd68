import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote, type Told } from "../../design/ErrorNote";
import { localDay, useFormat } from "../../design/format";
import { useScrollArea } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { HistoryPage, ItemState } from "../../ipc/bindings";
import { useDeliveries, useSyncStatus } from "../../ipc/queries";
import { HistoryCard } from "./HistoryCard";
import { type TimelineRow, timelineRows } from "./timelineRows";

const GAP = 16;
const DAY_HEIGHT = 48;
const CARD_TEXT_HEIGHT = 118;

/** Where each history was left, so that "back" from a result finds the place again. Lives as long as the window. */
const leftAt = new Map<string, number>();

export function Timeline({
  pages,
  place,
  hasMore,
  reading,
  loadingMore,
  moreError,
  onMore,
}: {
  pages: HistoryPage[];
  place: string;
  hasMore: boolean;
  /** Whether anything of it is being read; more is asked for once that is done. */
  reading: boolean;
  loadingMore: boolean;
  moreError: Told | null;
  onMore: () => void;
}) {
  const { t } = useTranslation();
  const scrollArea = useScrollArea();
  const box = useRef<HTMLDivElement>(null);
  const { top, width } = useBoxPlace(box);
  const columns = columnsIn(width);
  const rows = useMemo(
    () =>
      timelineRows(
        pages.flatMap((page) => page.entries),
        columns,
      ),
    [pages, columns],
  );
  const overall = useSyncStatus().data?.overall;
  // A workstation without a centre has nothing to say of it.
  const deliveries = useDeliveries(pages, overall !== undefined && overall !== "not_connected");
  const cardHeight = ((width - GAP * (columns - 1)) / columns) * 0.75 + CARD_TEXT_HEIGHT;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollArea,
    estimateSize: (index) => (rows[index]?.kind === "day" ? DAY_HEIGHT : cardHeight + GAP),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 4,
    scrollMargin: top,
  });
  const items = virtual.getVirtualItems();
  const nearEnd = (items.at(-1)?.index ?? 0) >= rows.length - 8;
  useEffect(() => {
    if (nearEnd && hasMore && !reading && !moreError) onMore();
  }, [nearEnd, hasMore, reading, moreError, onMore]);
  useKeepPlace(width > 0 ? scrollArea : null, place);

  return (
    <Box>
      <Box
        ref={box}
        data-testid={testIds.timeline}
        // What comes and goes in it moves nothing outside, so that nothing outside is laid out again.
        sx={{ position: "relative", contain: "size layout style" }}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <Box
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                sx={{ position: "absolute", insetInline: 0, top: 0, contain: "layout style" }}
                style={{ transform: `translateY(${item.start - top}px)` }}
              >
                <Row row={row} columns={columns} deliveries={deliveries} />
              </Box>
            )
          );
        })}
      </Box>
      {loadingMore && <LinearProgress aria-label={t("common.loading")} />}
      {moreError && <ErrorNote error={moreError} onRetry={onMore} />}
    </Box>
  );
}

/** Every step of scrolling draws the timeline anew; a row changes only with its entries. */
const Row = memo(function Row({
  row,
  columns,
  deliveries,
}: {
  row: TimelineRow;
  columns: number;
  deliveries: Record<string, ItemState | undefined>;
}) {
  if (row.kind === "day") return <DayHeading at={row.at} />;
  return (
    <Box
      sx={{ display: "grid", gap: `${GAP}px`, pb: `${GAP}px` }}
      style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}
    >
      {row.entries.map((entry) => (
        <HistoryCard key={entry.photo_id} entry={entry} delivery={deliveries[entry.photo_id]} />
      ))}
    </Box>
  );
});

function DayHeading({ at }: { at: string }) {
  const format = useFormat();
  const { t } = useTranslation();
  const today = localDay(at) === localDay(new Date().toISOString());
  return (
    <Typography variant="h3" component="h2" sx={{ height: DAY_HEIGHT, display: "flex", alignItems: "center", gap: 1 }}>
      {today ? t("history.today") : format.date(at)}
      <Box component="span" sx={{ fontWeight: 400, fontSize: "0.8125rem", color: "text.secondary" }}>
        {today ? format.date(at) : format.dayAgo(at)}
      </Box>
    </Typography>
  );
}

function columnsIn(width: number): number {
  const least = width < 480 ? 140 : width < 800 ? 180 : 196;
  return Math.max(1, Math.floor((width + GAP) / (least + GAP)));
}

function useBoxPlace(box: React.RefObject<HTMLDivElement | null>) {
  const [place, setPlace] = useState({ top: 0, width: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () =>
      setPlace((old) => {
        const top = element.offsetTop;
        const width = element.offsetWidth;
        return old.top === top && old.width === width ? old : { top, width };
      });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (element.parentElement?.parentElement) observer.observe(element.parentElement.parentElement);
    return () => observer.disconnect();
  }, [box]);
  return place;
}

function useKeepPlace(scrollArea: HTMLElement | null, place: string) {
  useLayoutEffect(() => {
    if (!scrollArea) return;
    scrollArea.scrollTop = leftAt.get(place) ?? 0;
    const remember = () => leftAt.set(place, scrollArea.scrollTop);
    scrollArea.addEventListener("scroll", remember, { passive: true });
    return () => scrollArea.removeEventListener("scroll", remember);
  }, [scrollArea, place]);
}
