/** Redacts the secrets that texts are known to contain: bearer tokens, and the user information and query of URLs. */
export function masked(text: string): string {
  const withoutTokens = text.includes('eyJ') ? text.replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***') : text;
  if (!withoutTokens.includes('://')) return withoutTokens;
  // The query as well: drivers take passwords there, and webhooks tokens.
  return withoutTokens
    .replace(/(:\/\/)[^\s/?#]*@/g, '$1***@')
    .replace(/(:\/\/[^\s?"'`]*)\?[^\s"'`]*/g, '$1?***');
}
