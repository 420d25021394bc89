import type { Fetch } from '@redress/client';

/** What a client sent, read while it was fresh. */
export type Sent = Readonly<{
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
}>;

/** What comes back: a response, or a connection that breaks with an error. */
export type Step = Response | Error | ((sent: Sent) => Response | Promise<Response>);

export type ScriptedFetch = Readonly<{ fetch: Fetch; sent: Sent[] }>;

/** Answers as the script has it, step by step; the last one is for whatever else comes. */
export function scriptedFetch(...script: readonly [Step, ...Step[]]): ScriptedFetch {
  const sent: Sent[] = [];
  const fetch: Fetch = async (request) => {
    const { method, url, headers, signal } = request;
    const body = await request.text();
    const one = { method, url, headers: Object.fromEntries(headers), body, signal };
    const step = script[Math.min(sent.push(one), script.length) - 1]!;
    if (step instanceof Error) throw step;
    return step instanceof Response ? step.clone() : step(one);
  };
  return { fetch, sent };
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** A failure in the form that the service has for all of them. */
export const failure = (status: number, title: string, headers: Record<string, string> = {}): Response =>
  json(status, { code: String(status), title, message: 'What to do.', error: 'What to do.' }, headers);

export const networkError = new TypeError('fetch failed');
