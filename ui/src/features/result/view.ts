/** How a photo of `width` × `height` original pixels lies in a frame, all in CSS pixels but those two. */
export type Frame = { width: number; height: number; frameWidth: number; frameHeight: number };
/** `zoom` 1 is the whole photo; x and y move its middle away from the frame's. */
export type View = { zoom: number; x: number; y: number };

export const whole: View = { zoom: 1, x: 0, y: 0 };
export const DERIVATIVE_SIDE = 1024;
const LEAST_CEILING = 2;
/** From the frame's edge, where buttons lie. */
const SIGHT_MARGIN = 72;

/** CSS pixels per original pixel when the whole photo is in sight. */
export function fitScale({ width, height, frameWidth, frameHeight }: Frame): number {
  if (width === 0 || height === 0 || frameWidth === 0 || frameHeight === 0) return 1;
  return Math.min(frameWidth / width, frameHeight / height);
}

/** Up to one original pixel on one CSS pixel; a photo that is smaller than its frame may still be doubled. */
export function mostZoom(frame: Frame): number {
  return Math.max(1 / fitScale(frame), LEAST_CEILING);
}

/** Zooms and keeps the point (measured from the frame's middle) where it is. */
export function zoomed(view: View, factor: number, frame: Frame, at = { x: 0, y: 0 }): View {
  const zoom = Math.min(mostZoom(frame), Math.max(1, view.zoom * factor));
  const real = zoom / view.zoom;
  return inFrame({ zoom, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real }, frame);
}

export function moved(view: View, dx: number, dy: number, frame: Frame): View {
  return inFrame({ ...view, x: view.x + dx, y: view.y + dy }, frame);
}

/** Moves no more than it takes for a point, in shares of the photo's sides, to lie well within the frame. */
export function inSight(view: View, { x, y }: { x: number; y: number }, frame: Frame): View {
  const scale = fitScale(frame) * view.zoom;
  const off = (middle: number, share: number, image: number, room: number) => {
    const at = middle + (share - 0.5) * image * scale;
    const edge = Math.max(0, room / 2 - SIGHT_MARGIN);
    return Math.min(edge, Math.max(-edge, at)) - at;
  };
  return moved(
    view,
    off(view.x, x, frame.width, frame.frameWidth),
    off(view.y, y, frame.height, frame.frameHeight),
    frame,
  );
}

/** More pixels are on screen than the derivative has. */
export function needsOriginal(view: View, frame: Frame, devicePixels: number): boolean {
  const longest = Math.max(frame.width, frame.height);
  if (view.zoom <= 1 || longest <= DERIVATIVE_SIDE) return false;
  return longest * fitScale(frame) * view.zoom * devicePixels > DERIVATIVE_SIDE;
}

function inFrame(view: View, frame: Frame): View {
  const scale = fitScale(frame) * view.zoom;
  const limit = (image: number, room: number) => Math.max(0, (image * scale - room) / 2);
  const clamp = (value: number, most: number) => Math.min(most, Math.max(-most, value)) || 0;
  return {
    zoom: view.zoom,
    x: clamp(view.x, limit(frame.width, frame.frameWidth)),
    y: clamp(view.y, limit(frame.height, frame.frameHeight)),
  };
}
