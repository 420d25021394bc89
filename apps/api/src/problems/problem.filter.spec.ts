import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemFilter } from './problem.filter';

const lost = (): Error => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

/** The complaints in the log when `error` ends a request whose own connection broke with `errored`. */
function complaintsOf(error: Error, errored: Error | null): string[] {
  const complaints: string[] = [];
  const log = { error: (_: unknown, sentence: string) => complaints.push(sentence) };
  const request = { raw: { errored }, headers: {}, routeOptions: {}, log };
  new ProblemFilter(() => 'The database is away.').answer(
    error,
    request as unknown as FastifyRequest,
    { sent: true } as FastifyReply,
  );
  return complaints;
}

describe('a connection that breaks', () => {
  it('is no complaint about the database when it is that of the client', () => {
    const error = lost();
    expect(complaintsOf(error, error)).toEqual([]);
  });

  it('is one when it is another, whatever became of that of the client', () => {
    expect(complaintsOf(lost(), null)).toEqual(['The database is away.']);
    expect(complaintsOf(lost(), lost())).toEqual(['The database is away.']);
  });
});
