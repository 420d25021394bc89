import { refuse, replyCodecOf, type CommandMeta, type ReplyCodec } from '@redress/domain';
import type { SealingKeys } from './aes-vault';

type Kept = Readonly<{ fingerprint: string; answer: string }>;

/**
 * What is remembered of a request with secrets, sealed: the answer, which may show a secret this once, and the
 * fingerprint, by which a password could be guessed as fast as hashes are made.
 */
export function sealedReplies<T, A>(
  keys: SealingKeys,
  meta: CommandMeta<ReplyCodec<T, A>>,
): CommandMeta<ReplyCodec<T, A>> {
  const { idempotency } = meta;
  if (!idempotency) return meta;
  const { key, fingerprint } = idempotency;
  const { present, encode, decode } = replyCodecOf(meta);
  const place = { table: 'idempotency', tenant: meta.tenant, id: key };
  return {
    ...meta,
    // The same for all requests, as far as the store can tell; which one it was is found out below.
    idempotency: { key, fingerprint: 'sealed' },
    reply: {
      present,
      encode: (answer) => {
        const kept: Kept = { fingerprint, answer: encode(answer) };
        return keys.seal(kept, place).toString('base64');
      },
      decode: (sealed) => {
        const kept = keys.open(Buffer.from(sealed, 'base64'), place) as Kept;
        return kept.fingerprint === fingerprint
          ? decode(kept.answer)
          : present(refuse({ code: 'idempotency_key_reused' }));
      },
    },
  };
}
