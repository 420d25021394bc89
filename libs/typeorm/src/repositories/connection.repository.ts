import type { UnitOfWork } from '@redress/domain';
import type { DataSource } from 'typeorm';
import type { ConnectionTransaction } from '@redress/domain/integrations';
import { toConnection } from '../entities/mapping';
import type { UnitOfWorkOptions } from '../unit-of-work/run-with-retries';
import { TypeOrmUnitOfWork, type Scope } from '../unit-of-work/typeorm-unit-of-work';

const connectionsIn = ({ rows, replies, onAccept }: Scope): ConnectionTransaction => ({
  replies,
  connections: {
    load: async (target) => {
      const row = await rows.locked('connection', { target });
      return row ? toConnection(row) : undefined;
    },
    save: async ({ basedOn, state, event }) =>
      onAccept(async () => {
        if (basedOn === 0) await rows.insert('connection', state);
        else await rows.update('connection', { id: state.id, version: basedOn }, state);
        await rows.insert('connection_change', event);
      }),
  },
});

/** Connections to external systems, and the log of their changes. */
export const connectionUnitOfWork = (
  dataSource: DataSource,
  options: UnitOfWorkOptions,
): UnitOfWork<ConnectionTransaction> => new TypeOrmUnitOfWork(dataSource, options, connectionsIn);
