import Box from "@mui/material/Box";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { usePictureWords } from "../../design/NoPicture";
import { testIds } from "../../design/testIds";
import { photoControl, photoGround } from "../../design/tokens";
import { photoUrl } from "../../ipc/photoUrl";
import { usePicture } from "../../ipc/picture";
import { ViewerControls } from "./ViewerControls";
import { type Frame, fitScale, inSight, mostZoom, moved, needsOriginal, type View, whole, zoomed } from "./view";

const STEP = 1.35;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const ARROW_STEP = 80;

/** How large the photo is on screen, which point of it, in shares of its sides, is in the middle, and what brings one into sight. */
export type PhotoPlace = {
  width: number;
  height: number;
  zoom: number;
  middle: [x: number, y: number];
  see: (x: number, y: number) => void;
};

/** The whole photo, never cropped, on a neutral ground; closer, it is the original's own pixels. */
export function PhotoViewer({
  photoId,
  width,
  height,
  alt,
  caption,
  neighbours,
  over,
}: {
  photoId: string;
  width: number;
  height: number;
  alt: string;
  caption: ReactNode;
  neighbours: ReactNode;
  /** What lies on the photo and goes with it when it is zoomed and moved. */
  over: (place: PhotoPlace) => ReactNode;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const frame: Frame = { width, height, ...useFrame(box) };
  const [view, setView] = useState<View>(whole);
  const [sharp, setSharp] = useState<"no" | "wanted" | "shown" | "refused">("no");
  const picture = usePicture(photoId, "derivative");
  const { broken, failure } = picture;
  const words = usePictureWords();
  const latest = useRef(frame);
  latest.current = frame;

  if (sharp === "no" && needsOriginal(view, frame, window.devicePixelRatio || 1)) setSharp("wanted");
  useEffect(() => {
    const element = box.current;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const place = element?.getBoundingClientRect();
      const at = place
        ? { x: event.clientX - place.left - place.width / 2, y: event.clientY - place.top - place.height / 2 }
        : undefined;
      setView((now) => zoomed(now, Math.exp(-event.deltaY * 0.0018), latest.current, at));
    };
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  }, []);

  const zoom = (factor: number) => setView((now) => zoomed(now, factor, frame));
  const onKey = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "+" || event.key === "=") zoom(STEP);
    else if (event.key === "-" || event.key === "_") zoom(1 / STEP);
    else if (event.key === "0") setView(whole);
    else if (arrow && view.zoom > 1) setView((now) => moved(now, arrow[0] * ARROW_STEP, arrow[1] * ARROW_STEP, frame));
    else return;
    event.preventDefault();
  };
  const onDrag = (event: PointerEvent) => {
    if (event.buttons !== 1 || !event.currentTarget.hasPointerCapture?.(event.pointerId)) return;
    setView((now) => moved(now, event.movementX, event.movementY, frame));
  };
  const ofOriginal = sharp === "wanted" ? "viewer.loadingOriginal" : sharp === "refused" ? "viewer.noOriginal" : null;
  const saying = broken ? picture.asking && "common.loading" : ofOriginal;
  const scale = fitScale(frame) * view.zoom;
  const layer = {
    position: "absolute",
    left: "50%",
    top: "50%",
    maxWidth: "none",
    userSelect: "none",
    pointerEvents: "none",
  } as const;
  const placed = {
    width: width * scale,
    height: height * scale,
    transform: `translate(calc(-50% + ${view.x}px), calc(-50% + ${view.y}px))`,
  };
  return (
    <Box
      sx={{
        position: "relative",
        bgcolor: photoGround,
        minHeight: 0,
        minWidth: 0,
        overflow: "hidden",
        "@supports (overflow: clip)": { overflow: "clip" },
        height: "100%",
      }}
    >
      <Box
        ref={box}
        role="application"
        aria-roledescription={t("viewer.role")}
        aria-label={t("viewer.label")}
        aria-describedby="viewer-keys"
        tabIndex={0}
        data-testid={testIds.photoViewer}
        onKeyDown={onKey}
        onPointerDown={(event) => view.zoom > 1 && !broken && event.currentTarget.setPointerCapture?.(event.pointerId)}
        onPointerMove={onDrag}
        onDoubleClick={() => setView((now) => (now.zoom > 1 ? whole : zoomed(now, mostZoom(frame), frame)))}
        sx={{
          position: "absolute",
          inset: 0,
          cursor: view.zoom > 1 ? "grab" : "zoom-in",
          touchAction: view.zoom > 1 ? "none" : "pan-y",
          "&:focus-visible": { outlineOffset: -4, outlineColor: "#ffffff" },
        }}
      >
        {failure && (
          <Box sx={{ p: 3, pt: 9, maxWidth: 560, mx: "auto" }}>
            <ErrorNote
              error={failure}
              says={words(failure)}
              onRetry={failure.code === "photo_damaged" ? undefined : picture.again}
            />
          </Box>
        )}
        {!broken && (
          <Box
            component="img"
            key={picture.nth}
            src={picture.src}
            alt={alt}
            draggable={false}
            onError={picture.onError}
            sx={layer}
            style={placed}
          />
        )}
        {!broken && (sharp === "wanted" || sharp === "shown") && (
          <Box
            component="img"
            src={photoUrl(photoId, "full")}
            alt=""
            draggable={false}
            onLoad={() => setSharp("shown")}
            onError={() => setSharp("refused")}
            sx={{ ...layer, visibility: sharp === "shown" ? "visible" : "hidden" }}
            style={placed}
          />
        )}
        {!broken && (
          <Box sx={layer} style={placed}>
            {over({
              width: placed.width,
              height: placed.height,
              zoom: view.zoom,
              middle: [0.5 - view.x / placed.width, 0.5 - view.y / placed.height],
              see: (x, y) => setView((now) => inSight(now, { x, y }, latest.current)),
            })}
          </Box>
        )}
      </Box>
      <Box id="viewer-keys" sx={{ display: "none" }}>
        {t("viewer.keys")}
      </Box>
      <Box
        sx={{
          position: "absolute",
          top: { xs: 8, md: 16 },
          left: { xs: 8, md: 16 },
          right: { xs: 8, md: 16 },
          display: "flex",
          pointerEvents: "none",
        }}
      >
        <Box
          sx={{
            bgcolor: photoControl,
            color: "#ffffff",
            borderRadius: 1.5,
            px: 1.5,
            py: { xs: 0.25, md: 0.75 },
            fontSize: { xs: "0.8125rem", md: "0.875rem" },
          }}
        >
          {caption}
        </Box>
      </Box>
      <ViewerControls
        percent={view.zoom > 1 ? format.percent(Math.min(scale, 99)) : null}
        canGoOut={view.zoom > 1}
        canGoIn={view.zoom < mostZoom(frame)}
        onOut={() => zoom(1 / STEP)}
        onIn={() => zoom(STEP)}
        onWhole={() => setView(whole)}
        neighbours={neighbours}
        said={saying ? t(saying) : null}
      />
    </Box>
  );
}

function useFrame(box: React.RefObject<HTMLDivElement | null>) {
  const [size, setSize] = useState({ frameWidth: 0, frameHeight: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setSize({ frameWidth: element.clientWidth, frameHeight: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return size;
}
