import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { type BlockerFunction, useBlocker } from "react-router";
import { ConfirmDialog } from "./ConfirmDialog";

/** What whoever would lose something is asked. */
type Words = { title: string; text: string; yes: string; no: string };
type Guard = {
  hold: (id: string, words: Words | null) => void;
  ask: (words: Words, drop: () => void) => void;
  askOfAll: (drop: () => void) => void;
};
/** The window's cross: tells of it while it is watched, and what it would have done. */
type Cross = { watch: (asked: () => void) => () => void; close: () => void };

const Context = createContext<Guard>({
  hold: () => undefined,
  ask: (_words, drop) => drop(),
  askOfAll: (drop) => drop(),
});

/** Lets nobody leave unasked what is not saved. The router knows one guard at a time: screens tell this one what they hold. */
export function UnsavedGuard({ cross, children }: { cross: Cross; children: ReactNode }) {
  const held = useRef(new Map<string, Words>());
  const [holding, setHolding] = useState(false);
  const [dropping, setDropping] = useState<{ words: Words; drop: () => void } | null>(null);
  const last = useCallback(() => [...held.current.values()].at(-1), []);
  const guard = useMemo<Guard>(() => {
    const ask: Guard["ask"] = (words, drop) => setDropping({ words, drop });
    return {
      hold: (id, words) => {
        if (words) held.current.set(id, words);
        else held.current.delete(id);
        setHolding(held.current.size > 0);
      },
      ask,
      askOfAll: (drop) => {
        const words = last();
        if (words) ask(words, drop);
        else drop();
      },
    };
  }, [last]);
  const blocks = useCallback<BlockerFunction>(
    ({ currentLocation, nextLocation }) => held.current.size > 0 && currentLocation.pathname !== nextLocation.pathname,
    [],
  );
  const blocker = useBlocker(blocks);
  useEffect(() => {
    if (!holding) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    const unwatch = cross.watch(() => guard.askOfAll(cross.close));
    return () => {
      window.removeEventListener("beforeunload", warn);
      unwatch();
    };
  }, [holding, cross, guard]);

  const blocked = blocker.state === "blocked";
  // The words stay while the dialog fades, when nothing is held any more.
  const words = useRef<Words>({ title: "", text: "", yes: "", no: "" });
  if (dropping) words.current = dropping.words;
  else if (blocked) words.current = last() ?? words.current;
  const answered = useRef<typeof blocker>(null);
  const answer = (leaves: boolean) => {
    setDropping(null);
    if (dropping) return leaves && dropping.drop();
    // The router takes its time to hear the first answer, and no second one.
    if (!blocked || answered.current === blocker) return;
    answered.current = blocker;
    if (leaves) blocker.proceed();
    else blocker.reset();
  };
  return (
    <Context value={guard}>
      {children}
      <ConfirmDialog
        open={blocked || dropping !== null}
        {...words.current}
        onYes={() => answer(true)}
        onNo={() => answer(false)}
      />
    </Context>
  );
}

/** Says that something on the screen is not saved; null: nothing is. The title says what. */
export function useUnsaved(said: ({ title: string } & Partial<Words>) | null) {
  const { t } = useTranslation();
  const { hold, ask } = useContext(Context);
  const id = useId();
  const words = said && { text: t("unsaved.text"), yes: t("unsaved.yes"), no: t("unsaved.no"), ...said };
  useEffect(() => hold(id, words));
  useEffect(() => () => hold(id, null), [hold, id]);
  return {
    /** Drops it here and now: at once where nothing is unsaved, and else once somebody has said so. */
    drop: (drop: () => void) => (words ? ask(words, drop) : drop()),
    /**
     * It is saved, or given up on purpose, and what follows at once leaves the screen. The guard would hear of it only when the
     * screen is drawn anew, and ask.
     */
    letGo: () => hold(id, null),
  };
}

/** For what stays on the screen and yet loses whatever a part of it holds: asks first where something is not saved. */
export function useAskFirst() {
  return useContext(Context).askOfAll;
}
