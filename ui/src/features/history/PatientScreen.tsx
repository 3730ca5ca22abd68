import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import type { Theme } from "@mui/material/styles";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { CameraIcon, EditIcon, PersonIcon } from "../../design/icons";
import { EmptyState, Loaded, RowsSkeleton } from "../../design/Loaded";
import { BannerAction, PatientBanner } from "../../design/PatientBanner";
import { HiddenTitle } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useAskFirst } from "../../design/Unsaved";
import { useHistory, useHistoryCounts, useLesions, usePatient } from "../../ipc/queries";
import { BodyMap } from "./BodyMap";
import { FilterBar } from "./FilterBar";
import { isFiltered, readFilter, type ShownFilter, toHistoryFilter, writeFilter } from "./filter";
import { LesionList } from "./LesionList";
import { Timeline } from "./Timeline";

export function PatientScreen() {
  const { t } = useTranslation();
  const { patientId = "" } = useParams();
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  const askFirst = useAskFirst();
  const setFilter = (next: ShownFilter) => {
    const set = () => setParams(writeFilter(next), { replace: true });
    // The chosen lesion's name may be half typed.
    if (next.lesion === filter.lesion) set();
    else askFirst(set);
  };
  const patient = usePatient(patientId);
  return (
    <Loaded query={patient}>
      {(current) => (
        <>
          <HiddenTitle title={t("patient.title")} />
          <PatientBanner patient={current} actions={<Actions patientId={patientId} lesion={filter.lesion} />} />
          <Box
            sx={{
              display: { md: "grid" },
              gridTemplateColumns: { md: "300px minmax(0, 1fr)" },
              minHeight: { md: "calc(100% - 76px)" },
            }}
          >
            <Lesions patientId={patientId} filter={filter} onFilter={setFilter} />
            <History patientId={patientId} filter={filter} onFilter={setFilter} />
          </Box>
        </>
      )}
    </Loaded>
  );
}

function Actions({ patientId, lesion }: { patientId: string; lesion: string | null }) {
  const { t } = useTranslation();
  return (
    <>
      <BannerAction
        to={`/patients/${patientId}/edit`}
        icon={<EditIcon />}
        label={t("patient.edit")}
        testId={testIds.editPatient}
      />
      <BannerAction
        main
        to={`/patients/${patientId}/new-photo${lesion ? `?lesion=${encodeURIComponent(lesion)}` : ""}`}
        icon={<CameraIcon />}
        label={t("nav.newPhoto")}
        testId={testIds.newPhoto}
      />
    </>
  );
}

type Part = { patientId: string; filter: ShownFilter; onFilter: (filter: ShownFilter) => void };

function Lesions({ patientId, filter, onFilter }: Part) {
  const { t } = useTranslation();
  const lesions = useLesions(patientId);
  const shown = useRef({ filter, onFilter });
  useLayoutEffect(() => {
    shown.current = { filter, onFilter };
  });
  // The same for as long as the screen is there, so that rows which have not changed are not drawn anew.
  const choose = useCallback((id: string) => {
    const { filter, onFilter } = shown.current;
    onFilter({ ...filter, lesion: filter.lesion === id ? null : id });
  }, []);
  // In a narrow window the photos come first: the map and the list open on demand.
  const narrow = useMediaQuery((theme: Theme) => theme.breakpoints.down("md"), { noSsr: true });
  const [asked, setAsked] = useState(false);
  const open = !narrow || asked;
  const askFirst = useAskFirst();
  return (
    <Box
      component="section"
      aria-labelledby="lesions"
      sx={{
        bgcolor: "background.paper",
        borderRight: { md: 1 },
        borderBottom: { xs: 1, md: 0 },
        borderColor: { xs: "line", md: "line" },
        p: { xs: 1, md: 2 },
      }}
    >
      <Typography
        variant="h3"
        component="h2"
        id="lesions"
        sx={{ color: "text.secondary", mb: 1, display: { xs: "none", md: "block" } }}
      >
        {t("lesion.title")}
      </Typography>
      {narrow && (
        <Button
          fullWidth
          aria-expanded={open}
          onClick={() => askFirst(() => setAsked(!asked))}
          startIcon={<PersonIcon />}
        >
          {open ? t("lesion.hide") : t("lesion.show", { count: lesions.data?.length ?? 0 })}
        </Button>
      )}
      {open && (
        <Loaded query={lesions}>
          {(rows) => (
            <>
              <BodyMap lesions={rows} chosen={filter.lesion} onChoose={choose} />
              {rows.length > 0 ? (
                <Box sx={{ mt: 1, maxHeight: { xs: 260, md: "none" }, overflow: "auto" }}>
                  <LesionList lesions={rows} chosen={filter.lesion} onChoose={choose} />
                </Box>
              ) : (
                <Typography sx={{ mt: 1, color: "text.secondary" }}>{t("lesion.none")}</Typography>
              )}
            </>
          )}
        </Loaded>
      )}
    </Box>
  );
}

function History({ patientId, filter, onFilter }: Part) {
  const { t } = useTranslation();
  const counts = useHistoryCounts(patientId);
  const history = useHistory(patientId, toHistoryFilter(filter));
  const { fetchNextPage, hasNextPage, isFetching, isFetchingNextPage, isFetchNextPageError } = history;
  const { error, isPlaceholderData } = history;
  return (
    <Box component="section" aria-label={t("history.title")} sx={{ p: { xs: 2, md: 2.5 }, minWidth: 0 }}>
      <FilterBar filter={filter} counts={counts.data} onChange={onFilter} />
      {counts.data && counts.data.pending > 0 && (
        <Typography role="status" sx={{ mt: 1, color: "text.secondary" }}>
          {t("history.pending", { count: counts.data.pending })}
        </Typography>
      )}
      <Loaded query={history} skeleton={<RowsSkeleton rows={3} height={220} />}>
        {({ pages }) => {
          if (pages.every((page) => page.entries.length === 0))
            return <NoEntries patientId={patientId} filtered={isFiltered(filter)} />;
          return (
            <Box sx={{ opacity: isPlaceholderData ? 0.6 : 1 }} aria-busy={isPlaceholderData}>
              <Timeline
                pages={pages}
                place={`${patientId}?${writeFilter(filter)}`}
                hasMore={hasNextPage}
                reading={isFetching}
                loadingMore={isFetchingNextPage}
                moreError={isFetchNextPageError ? error : null}
                onMore={() => void fetchNextPage({ cancelRefetch: false })}
              />
            </Box>
          );
        }}
      </Loaded>
    </Box>
  );
}

function NoEntries({ patientId, filtered }: { patientId: string; filtered: boolean }) {
  const { t } = useTranslation();
  if (filtered) return <EmptyState title={t("history.noneMatch")} text={t("history.noneMatchHint")} />;
  return (
    <EmptyState
      title={t("history.none")}
      text={t("history.noneHint")}
      action={
        <Button component={Link} to={`/patients/${patientId}/new-photo`} variant="contained" startIcon={<CameraIcon />}>
          {t("nav.newPhoto")}
        </Button>
      }
    />
  );
}
