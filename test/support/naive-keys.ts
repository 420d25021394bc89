import type { Answer } from './app';
import type { Outgoing, Send } from './http-client';

/**
 * Idempotency as it is often built, in front of the service and in memory: look up, do, remember. What a test finds
 * in it shows that the test can find anything.
 */
export function naiveKeys(
  send: Send,
  {
    scope = ({ path, headers = {} }) => `${headers['authorization']} ${path} ${headers['x-idempotency-key']}`,
    fingerprint = ({ body }) => body ?? '',
    keeps = () => true,
  }: Partial<{
    scope: (request: Outgoing) => string;
    fingerprint: (request: Outgoing) => string;
    keeps: (status: number) => boolean;
  }> = {},
): Send {
  const kept = new Map<string, { asked: string; answer: Answer }>();
  return async (request) => {
    const [where, asked] = [scope(request), fingerprint(request)];
    const earlier = kept.get(where);
    if (earlier?.asked === asked) return marked(earlier.answer, 'true');
    if (earlier) return { ...marked(earlier.answer, 'false'), status: 422, text: '', body: reused };
    const { 'x-idempotency-key': _, ...headers } = request.headers ?? {};
    const answer = marked(await send({ ...request, headers }), 'false');
    if (keeps(answer.status)) kept.set(where, { asked, answer });
    return answer;
  };
}

const reused = { title: 'idempotency_key_reused' };

const marked = (answer: Answer, replayed: 'true' | 'false'): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'x-idempotency-replayed': replayed },
});
