import assert from 'node:assert/strict';
import { anException } from '../builders';
import { inEveryDisputeState, inEveryStatus } from '../in-every-status';
import { saved, savedWithEvidence } from './saving';
import type { Promises, Setting } from './setting';

const exceptionsInEveryStatus = Object.entries(inEveryStatus).map(
  ([name, example]) =>
    [
      `gives back an exception that is ${name}, every field of it, at whatever version it comes`,
      async (setting: Setting) => {
        const state = { ...example, id: setting.newId() };
        assert.deepEqual(await saved(setting, state), state);
      },
    ] as const,
);

const disputesInEveryState = Object.entries(inEveryDisputeState).map(
  ([name, example]) =>
    [
      `gives back a dispute that is ${name}, with its evidence in order`,
      async (setting: Setting) => {
        const [expected, actual] = await savedWithEvidence(setting, example);
        assert.deepEqual(actual, expected);
      },
    ] as const,
);

/** What was saved comes back as it was. */
export const roundTrips: Promises = {
  ...Object.fromEntries([...exceptionsInEveryStatus, ...disputesInEveryState]),

  'unsets what a change unsets': async (setting) => {
    const unfinished = Object.values(inEveryStatus).filter(({ status }) => status !== 'RESOLVED');
    for (const example of unfinished) {
      const full = { ...example, id: setting.newId(), transactionId: setting.newId() };
      await saved(setting, full);
      const bare = anException({ id: full.id, transactionId: full.transactionId, version: full.version + 1 });
      await setting.save({ basedOn: full.version, state: bare, events: [] });
      assert.deepEqual((await setting.exception(full.id))?.exception, bare);
    }
  },
};
