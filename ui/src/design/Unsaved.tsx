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
type Guard = { held: Map<string, Words>; ask: (words: Words, drop: () => void) => void };

const Context = createContext<Guard>({ held: new Map(), ask: (_words, drop) => drop() });

/** Lets nobody leave unasked what is not saved. The router knows one guard at a time: screens tell this one what they hold. */
export function UnsavedGuard({ children }: { children: ReactNode }) {
  const held = useRef(new Map<string, Words>());
  const [dropping, setDropping] = useState<{ words: Words; drop: () => void } | null>(null);
  const guard = useMemo<Guard>(() => ({ held: held.current, ask: (words, drop) => setDropping({ words, drop }) }), []);
  const blocks = useCallback<BlockerFunction>(
    ({ currentLocation, nextLocation }) => held.current.size > 0 && currentLocation.pathname !== nextLocation.pathname,
    [],
  );
  const blocker = useBlocker(blocks);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => held.current.size > 0 && event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);

  const blocked = blocker.state === "blocked";
  // The words stay while the dialog fades, when nothing is held any more.
  const words = useRef<Words>({ title: "", text: "", yes: "", no: "" });
  if (dropping) words.current = dropping.words;
  else if (blocked) words.current = [...held.current.values()].at(-1) ?? words.current;
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
  const { held, ask } = useContext(Context);
  const id = useId();
  const words = said && { text: t("unsaved.text"), yes: t("unsaved.yes"), no: t("unsaved.no"), ...said };
  useEffect(() => {
    if (words) held.set(id, words);
    else held.delete(id);
  });
  useEffect(() => () => void held.delete(id), [held, id]);
  return {
    /** Drops it here and now: at once where nothing is unsaved, and else once somebody has said so. */
    drop: (drop: () => void) => (words ? ask(words, drop) : drop()),
    /**
     * It is saved, or given up on purpose, and what follows at once leaves the screen. The guard would hear of it only when the
     * screen is drawn anew, and ask.
     */
    letGo: () => void held.delete(id),
  };
}
