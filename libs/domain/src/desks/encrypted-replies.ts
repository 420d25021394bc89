import type { Vault } from '../ports/vault';
import { refuse } from '../result';
import type { Answering, CommandMeta } from './use-case';

type Replying<T, A> = Readonly<{ meta: CommandMeta; answering: Answering<T, A> }>;
type Kept = Readonly<{ fingerprint: string; answer: string }>;

/**
 * Encryption at rest for what is remembered of a request that carries secrets: the answer, because it may show a secret
 * once, and the fingerprint of the request, because a hash lets a password be guessed at the speed of hashing.
 *
 * Returns the meta and the answering to give to `once` in place of the given ones. A request without an idempotency key
 * is not remembered, so they stay as they are. The calls of the vault throw when its key is not configured.
 */
export function encryptedReplies<T, A>(
  vault: Vault,
  meta: CommandMeta,
  answering: Answering<T, A>,
): Replying<T, A> {
  const { once } = meta;
  if (!once) return { meta, answering };
  const owner = { table: 'idempotency', tenant: meta.tenant, id: once.key };
  return {
    // The store sees one fingerprint for every request; `replay` compares the real ones, which are encrypted.
    meta: { ...meta, once: { key: once.key, fingerprint: 'sealed' } },
    answering: {
      answer: answering.answer,
      keep: (answer) => {
        const kept: Kept = { fingerprint: once.fingerprint, answer: answering.keep(answer) };
        return vault.encrypt(kept, owner);
      },
      replay: (ciphertext) => {
        const { fingerprint, answer } = vault.decrypt(ciphertext, owner) as Kept;
        return fingerprint === once.fingerprint
          ? answering.replay(answer)
          : answering.answer(refuse({ code: 'idempotency_key_reused' }));
      },
    },
  };
}
