import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

type SearchText = { text: string; setText: (text: string) => void };
const Context = createContext<SearchText>({ text: "", setText: () => undefined });

/** What stands in the search field. It is somebody's name, so it lives here and never in an address. */
export function SearchTextProvider({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  const value = useMemo(() => ({ text, setText }), [text]);
  return <Context value={value}>{children}</Context>;
}

export const useSearchText = () => useContext(Context);
