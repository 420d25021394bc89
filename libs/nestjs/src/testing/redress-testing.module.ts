import { createHash } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { inMemoryStore, type InMemoryStore } from '@redress/domain/in-memory';
import type { RedressOptions } from '../options';
import { RedressModule, type RedressScope } from '../redress.module';
import { TestClock } from './test-clock';

/** As for the real module, but for the store; and a clock to be set. */
export type RedressTestingOptions = Omit<RedressOptions, 'store' | 'clock' | 'backgroundWork'> &
  RedressScope &
  Readonly<{ clock?: TestClock }>;

/** What a test holds of the desk: `app.get(RedressTesting)`. */
export class RedressTesting {
  constructor(
    readonly clock: TestClock,
    readonly store: InMemoryStore,
  ) {}

  /** Runs the jobs that are due by the clock, and those that become due by them, and waits for what they send. */
  runDue(): Promise<void> {
    return this.store.jobs.runDue();
  }
}

/** The desk over a store in memory, with a clock that stands until it is set. Jobs run when `runDue` is called. */
@Module({})
export class RedressTestingModule {
  /** The module for `imports` of a test. */
  static inMemory({
    clock = new TestClock(new Date()),
    isGlobal = false,
    ...options
  }: RedressTestingOptions = {}): DynamicModule {
    const store = inMemoryStore({ clock: clock.now, hash: sha256 });
    const redress = RedressModule.forRoot({ ...options, store, clock: clock.now, isGlobal });
    return {
      module: RedressTestingModule,
      global: isGlobal,
      imports: [redress],
      providers: [{ provide: RedressTesting, useValue: new RedressTesting(clock, store) }],
      exports: [redress, RedressTesting],
    };
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
