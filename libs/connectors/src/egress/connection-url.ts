/** Whether a text is an http(s) URL without credentials and fragment: an address is shown and logged, so it holds no secret. */
export function isConnectionUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password && !/[#@\s\\]/.test(text);
}
