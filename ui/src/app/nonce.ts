/** The nonce under which the page's content policy lets styles be made; none where there is no policy (a browser, a test). */
export function styleNonce(): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  // A browser hides the attribute of a nonce from scripts; the property still has it.
  const carried = [...document.querySelectorAll<HTMLElement>("style, link, script")].map((element) => element.nonce);
  return [meta?.nonce, meta?.content, ...carried].find((nonce) => nonce) || undefined;
}
