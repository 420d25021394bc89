import { refuse, type Answering, type CommandMeta } from '@redress/domain';
import type { SealingKeys } from './aes-vault';

type Replying<T, A> = Readonly<{ meta: CommandMeta; answering: Answering<T, A> }>;
type Kept = Readonly<{ fingerprint: string; answer: string }>;

/**
 * What is remembered of a request with secrets, sealed: the answer, which may show a secret this once, and the
 * fingerprint, by which a password could be guessed as fast as hashes are made.
 */
export function sealedReplies<T, A>(
  keys: SealingKeys,
  meta: CommandMeta,
  answering: Answering<T, A>,
): Replying<T, A> {
  const { once } = meta;
  if (!once) return { meta, answering };
  const place = { table: 'idempotency', tenant: meta.tenant, id: once.key };
  return {
    // The same for all requests, as far as the store can tell; which one it was is found out below.
    meta: { ...meta, once: { key: once.key, fingerprint: 'sealed' } },
    answering: {
      answer: answering.answer,
      keep: (answer) => {
        const kept: Kept = { fingerprint: once.fingerprint, answer: answering.keep(answer) };
        return keys.seal(kept, place).toString('base64');
      },
      replay: (sealed) => {
        const { fingerprint, answer } = keys.open(Buffer.from(sealed, 'base64'), place) as Kept;
        return fingerprint === once.fingerprint
          ? answering.replay(answer)
          : answering.answer(refuse({ code: 'idempotency_key_reused' }));
      },
    },
  };
}
