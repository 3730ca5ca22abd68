import type { BodySite, Side } from "../ipc/bindings";

/** Every body site, from head to foot as far as there is an order. */
export const SITES: BodySite[] = [
  "face",
  "neck",
  "chest",
  "back",
  "arms",
  "hands",
  "abdomen",
  "legs",
  "feet",
  "genitals",
  "other",
];

export const SIDES: Side[] = ["left", "right", "midline"];
