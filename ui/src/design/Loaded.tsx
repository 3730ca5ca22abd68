import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote, type Told } from "./ErrorNote";

type Reading<T> = { data: T | undefined; error: Told | null; isPending: boolean; refetch: () => unknown };

/** A query's three faces: still loading, failed with a way out, and its data. */
export function Loaded<T>({
  query,
  skeleton,
  children,
}: {
  query: Reading<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error?.code === "not_found") return <Gone error={query.error} />;
  if (query.error) {
    return (
      <Box sx={{ p: 2, maxWidth: 720 }}>
        <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
      </Box>
    );
  }
  return <>{skeleton ?? <RowsSkeleton rows={4} />}</>;
}

/** Trying again finds nothing either: the way out leads back to the list. */
function Gone({ error }: { error: Told }) {
  const { t } = useTranslation();
  return (
    <Box sx={{ p: { xs: 2, sm: 3 }, maxWidth: 720, mx: "auto" }}>
      <Typography variant="h1" sx={{ mb: 2 }}>
        {t("gone.title")}
      </Typography>
      <ErrorNote
        error={error}
        action={
          <Button href="#/patients" variant="outlined">
            {t("gone.back")}
          </Button>
        }
      />
    </Box>
  );
}

export function RowsSkeleton({ rows, height = 64 }: { rows: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <Box role="status" aria-label={t("common.loading")} sx={{ display: "grid", gap: 1, p: 2 }}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows have nothing but their place
        <Skeleton key={row} variant="rounded" height={height} />
      ))}
    </Box>
  );
}

/** Says what is not there yet and what to do next. */
export function EmptyState({ title, text, action }: { title: string; text: string; action?: ReactNode }) {
  return (
    <Box sx={{ display: "grid", gap: 1, justifyItems: "center", textAlign: "center", px: 2, py: 6 }}>
      <Typography variant="h2" component="p">
        {title}
      </Typography>
      <Typography sx={{ color: "text.secondary", maxWidth: 460 }}>{text}</Typography>
      {action && <Box sx={{ mt: 1 }}>{action}</Box>}
    </Box>
  );
}
