import type { Plugin } from "vite";

const SIZES: Record<string, [number, number]> = { thumbnail: [256, 192], derivative: [1024, 768], full: [4032, 3024] };

/** Development only: drawn skin and a drawn lesion, another one for each photo's id. No picture of anybody. */
export function demoPhotos(): Plugin {
  return {
    name: "demo-photos",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use("/photo/", (request, response) => {
        const [path = ""] = (request.url ?? "").split("?");
        const parts = path.split("/").filter(Boolean);
        const [width, height] = SIZES[parts.at(-1) ?? ""] ?? SIZES.derivative ?? [1024, 768];
        response.setHeader("content-type", "image/svg+xml");
        const soft = parts.at(-1) !== "thumbnail";
        response.end(drawn(seedOf(parts.at(-2) ?? ""), width, height, soft));
      });
    },
  };
}

/** `soft`: with blur and grain. A screen full of such filters would be slow to scroll, which a JPEG is not. */
function drawn(seed: number, width: number, height: number, soft: boolean): string {
  const roll = (nth: number) => (Math.sin(seed * 12.9898 + nth * 78.233) * 43758.5453) % 1;
  const browns = ["#3b241b", "#5b3220", "#7d4a33", "#96584b", "#2b1a17"];
  const blobs = Array.from({ length: 7 }, (_, nth) => {
    const x = 512 + roll(nth) * 120;
    const y = 384 + roll(nth + 9) * 110;
    const colour = browns[Math.abs(Math.floor(roll(nth + 3) * 50)) % browns.length];
    return `<ellipse cx="${x}" cy="${y}" rx="${70 + Math.abs(roll(nth + 5)) * 90}" ry="${60 + Math.abs(roll(nth + 6)) * 70}" fill="${colour}"/>`;
  });
  const skin = `<rect width="1024" height="768" fill="#d2a78a"/>`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 1024 768">`;
  if (!soft) return `${head}${skin}<g opacity=".85">${blobs.join("")}</g></svg>`;
  return `${head}
<filter id="s"><feTurbulence baseFrequency=".03" numOctaves="3" seed="${seed}"/><feColorMatrix values="0 0 0 0 .55  0 0 0 0 .38  0 0 0 0 .28  .5 .3 0 0 -.25"/></filter>
<filter id="b"><feGaussianBlur stdDeviation="16"/></filter>
${skin}<rect width="1024" height="768" filter="url(#s)"/><g filter="url(#b)">${blobs.join("")}</g></svg>`;
}

function seedOf(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
}
