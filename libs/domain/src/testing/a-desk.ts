import { ExceptionDesk } from '../desks/exception-desk';
import type { Raise } from '../exception/report';
import { InMemoryUnitOfWork } from '../in-memory';
import type { CommandMeta } from '../desks/command-meta';
import { defaultPolicy, type Policy } from '../exception/policy';
import { aReport, fixedClock, sequentialIds } from './builders';
import { accepted } from './outcomes';

export const meta: CommandMeta = { tenant: 'acme', actor: 'ana' };

/** A desk over an empty store, and what can be seen of it. */
export function aDesk(policy: Policy = { ...defaultPolicy, connectors: ['JIRA'] }) {
  const uow = new InMemoryUnitOfWork();
  const desk = new ExceptionDesk({ uow, clock: fixedClock, newId: sequentialIds() }, policy);
  return {
    uow,
    desk,
    raised: async (report: Partial<Raise> = {}) => accepted(await desk.raise(aReport(report), meta)).state,
    found: async (id: string) => accepted(await desk.find(meta.tenant, id)).exception,
    types: (id: string) => uow.history(meta.tenant, id).map(({ type }) => type),
  };
}
