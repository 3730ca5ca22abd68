import { keepPreviousData, skipToken, useMutation, useQuery } from "@tanstack/react-query";
import type { Outline } from "./bindings";
import { commands } from "./bindings";
import { unwrap } from "./failure";
import { keys, useCommand } from "./queries";

/** An outline as it is being drawn; null where nobody draws. */
export type Sketch = { corners: Outline; perPixel: number | null } | null;

/** Its numbers, without keeping any of it. The last ones stay until the next are there. */
export const useMeasured = (photoId: string, asked: Sketch) =>
  useQuery({
    queryKey: keys.measured(photoId, asked),
    queryFn: asked ? () => unwrap(commands.measurePhoto(photoId, asked.corners, asked.perPixel)) : skipToken,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Looks for the lesion in the photo; null where nothing stands out. */
export const useFindOutline = (photoId: string) =>
  useMutation({ mutationFn: () => unwrap(commands.measurePhoto(photoId, null, null)) });

export const useSaveOutline = (photoId: string) =>
  useCommand(
    ({ corners, perPixel }: NonNullable<Sketch>) => commands.saveOutline(photoId, corners, perPixel),
    () => [keys.photo(photoId)],
  );
