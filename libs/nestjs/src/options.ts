import type { DeskStore, ExternalSystemsFactory, LookupPolicies, Policy } from '@redress/domain';

/** What a desk is made of. Only the store has to be given. */
export type RedressOptions = Readonly<{
  /** `typeormStore(dataSource)` of `@redress/typeorm`, or `inMemoryStore({ clock })` of `@redress/domain/in-memory`. */
  store: DeskStore;
  /** What differs from `defaultPolicy`. */
  policy?: Partial<Policy>;
  /** `connectorsFor({ … })` of `@redress/connectors`. Without it, exceptions can be dispatched to people alone. */
  connectors?: ExternalSystemsFactory;
  /** When a dispatch is looked up before it is sent again; `defaultLookupPolicies` unless given. */
  lookupPolicies?: LookupPolicies;
  /** The time; that of the system unless given. */
  clock?: () => Date;
  /** Makes UUIDv7 (RFC 9562); a generator of the package unless given. */
  newId?: () => string;
  /** Lines of a file that `ImportDesk` and `EditDesk` write at once; 500 unless given. */
  batchSize?: number;
  /** Whether this process runs jobs, from the start of the application to its end; true unless given. */
  backgroundWork?: boolean;
  /** Milliseconds that running jobs have to end when the application is closed; 10 000 unless given. */
  shutdownGraceMs?: number;
}>;
