import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import type { SeekWellError } from "../ipc/failure";
import { keys } from "../ipc/queries";

/** Commands answer from this machine: the network has no say in them, and a failure is told at once. */
export function createQueryClient(): QueryClient {
  const onError = (error: SeekWellError) => {
    if (error.code === "not_signed_in") void client.invalidateQueries({ queryKey: keys.boot });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: 30_000,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  return client;
}
