import type { Vault } from '../ports/vault';
import { refuse } from '../result';
import { replyCodecOf, type CommandMeta, type ReplyCodec } from './command-meta';

type Kept = Readonly<{ fingerprint: string; answer: string }>;

/**
 * Encryption at rest for what is remembered of a request that carries secrets: the answer, because it may show a secret
 * once, and the fingerprint of the request, because a hash lets a password be guessed at the speed of hashing.
 *
 * Returns the meta to run the command with. A request without an idempotency key is not remembered, so its meta stays as
 * it is. The calls of the vault throw when its key is not configured.
 */
export function encryptedReplies<T, A>(
  vault: Vault,
  meta: CommandMeta<ReplyCodec<T, A>>,
): CommandMeta<ReplyCodec<T, A>> {
  const { idempotency } = meta;
  if (!idempotency) return meta;
  const { key, fingerprint } = idempotency;
  const { present, encode, decode } = replyCodecOf(meta);
  const owner = { table: 'idempotency', tenant: meta.tenant, id: key };
  return {
    ...meta,
    // The store sees one fingerprint for every request; `decode` compares the real ones, which are encrypted.
    idempotency: { key, fingerprint: 'sealed' },
    reply: {
      present,
      encode: (answer) => {
        const kept: Kept = { fingerprint, answer: encode(answer) };
        return vault.encrypt(kept, owner);
      },
      decode: (ciphertext) => {
        const kept = vault.decrypt(ciphertext, owner) as Kept;
        return kept.fingerprint === fingerprint
          ? decode(kept.answer)
          : present(refuse({ code: 'idempotency_key_reused' }));
      },
    },
  };
}
