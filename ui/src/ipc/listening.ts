/** Ends what was, or is about to be, listened to. Where listening never began there is nothing to end. */
export function endListening(listening: Promise<() => void>): void {
  listening.then((stop) => stop()).catch(() => undefined);
}
