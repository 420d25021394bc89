import assert from 'node:assert/strict';
import type { ReplyStore, Session, UnitOfWork } from '../../ports/stores';
import { ok } from '../../result';
import { accepted } from '../outcomes';
import { awkward } from './saving';
import { commits } from './setting';

/** The replies of a unit of work keep what `ReplyStore` promises. */
export async function assertKeepsReplies<Tx extends Readonly<{ replies: ReplyStore }>>(
  uow: UnitOfWork<Tx>,
  tenant: string,
  newId: () => string,
): Promise<void> {
  const session = (): Session & { replyKey: string } => ({ tenant, replyKey: newId() });
  const find = async (over: Session) =>
    accepted(await uow.run(over, async (tx) => ok(await tx.replies.find())));
  const run = (over: Session, work: (replies: ReplyStore) => Promise<unknown>) =>
    uow.run(over, async (tx) => ok(await work(tx.replies)));

  for (const answer of awkward) {
    const asked = session();
    assert.equal(await find(asked), undefined);
    const reply = { fingerprint: `f${answer}`, answer };
    accepted(await run(asked, (replies) => replies.remember(reply)));
    assert.deepEqual(await find(asked), reply);
    assert.equal(await find({ ...asked, tenant: `${tenant}, another` }), undefined);
    assert.equal(await find({ tenant }), undefined);
  }

  const asked = session();
  const provisionalUntil = new Date(Date.now() + 60_000).toISOString();
  const provisional = { fingerprint: 'f', answer: 'wait', provisionalUntil };
  accepted(await run(asked, (replies) => replies.remember(provisional)));
  assert.deepEqual(await find(asked), provisional);
  const settle = (answer: string) =>
    run(asked, async (replies) => {
      await replies.find();
      await replies.settle(answer);
    });
  accepted(await settle('done'));
  assert.deepEqual(await find(asked), { fingerprint: 'f', answer: 'done' });
  // Another request may have got the answer by now.
  assert.equal(await commits(settle('done again')), false);
  assert.deepEqual(await find(asked), { fingerprint: 'f', answer: 'done' });
}
