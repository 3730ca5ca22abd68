import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { followChanges } from "../ipc/queries";
import { BootGate } from "./BootGate";
import { LookProvider } from "./LookProvider";

export function App({ client }: { client: QueryClient }) {
  useEffect(() => followChanges(client), [client]);
  return (
    <QueryClientProvider client={client}>
      <LookProvider>
        <BootGate />
      </LookProvider>
    </QueryClientProvider>
  );
}
