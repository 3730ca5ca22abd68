import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { commands } from "./bindings";
import { SeekWellError, unwrap } from "./failure";
import { photoUrl, type Shown } from "./photoUrl";
import { keys } from "./queries";

/** A kept photo's picture: what an `<img>` of it needs, and why it can't be shown. */
export type Picture = {
  src: string;
  /** An `<img>` loads once: one with another number is a new one. */
  nth: number;
  /** It did not load. */
  broken: boolean;
  /** Why, as soon as the core has said it. */
  failure: SeekWellError | null;
  /** The core is being asked. */
  asking: boolean;
  onError: () => void;
  /** Asks once more why, and shows it if nothing is in the way any more. */
  again: () => void;
};

/** Shows it as long as it loads, and asks why once it does not. */
export function usePicture(photoId: string, rendition: Shown): Picture {
  const src = photoUrl(photoId, rendition);
  const [tried, setTried] = useState({ src, nth: 0, broken: false });
  const current = tried.src === src ? tried : { src, nth: 0, broken: false };
  const { data, dataUpdatedAt, isFetching, refetch } = useImageFailure(photoId, rendition, current.broken);
  // One answer is worth one try: what the core can open and the window can't show is not loaded over and over.
  if (current.broken && data === null && dataUpdatedAt > current.nth)
    setTried({ src, nth: dataUpdatedAt, broken: false });
  const unexplained = () => new SeekWellError("unexpected", `photo ${photoId}: it opens, and the window can't show it`);
  return {
    ...current,
    failure: current.broken && data !== undefined ? (data ?? unexplained()) : null,
    asking: isFetching,
    onError: () => setTried({ ...current, broken: true }),
    again: () => void refetch(),
  };
}

/**
 * Why a picture can't be shown; null where it can. A screen full of them may fail at once while there is no network, so it is
 * asked once, and again only after news about photos or when somebody wants it. The last answer stays until the next is there.
 */
function useImageFailure(photoId: string, rendition: Shown, wanted: boolean) {
  return useQuery({
    queryKey: keys.image(photoId, rendition),
    queryFn: () =>
      unwrap(commands.checkImage(photoId, rendition)).catch((error: SeekWellError) => {
        // That is about the person, not about the picture.
        if (error.code === "not_signed_in") throw error;
        return error;
      }),
    enabled: wanted,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}
