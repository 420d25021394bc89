import { InMemoryUnitOfWork } from '../in-memory';
import { ok } from '../result';
import { fixedClock, sequentialIds } from '../testing';
import { aVault } from '../testing/a-vault';
import { encryptedReplies } from './encrypted-replies';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { runOnce } from './use-case';

const reply: ReplyCodec<string, string> = {
  present: (outcome) => (outcome.ok ? outcome.value : outcome.refusal.code),
  encode: (answer) => answer,
  decode: (kept) => `replayed ${kept}`,
};
type Meta = CommandMeta<typeof reply>;
const asked = (fingerprint: string, key = 'key-1'): Meta => ({
  tenant: 'acme',
  actor: 'ana',
  idempotency: { key, fingerprint },
  reply,
});

function aDeskWithSecrets() {
  const uow = new InMemoryUnitOfWork();
  const ports = { uow, clock: fixedClock, newId: sequentialIds() };
  const vault = aVault();
  let made = 0;
  const give = (meta: Meta): Promise<string> =>
    runOnce(
      ports,
      encryptedReplies(vault, meta),
      async () => undefined,
      async () => ok(`secret ${(made += 1)}`),
    );
  const keptOf = async (key: string): Promise<string> => {
    let kept: unknown;
    await uow.run({ tenant: 'acme', replyKey: key }, async (tx) => {
      kept = await tx.replies.find();
      return ok(undefined);
    });
    return JSON.stringify(kept);
  };
  return { give, keptOf };
}

describe('encrypted replies', () => {
  it('answer the same request again, and do its work once', async () => {
    const { give } = aDeskWithSecrets();
    expect(await give(asked('print-1'))).toBe('secret 1');
    expect(await give(asked('print-1'))).toBe('replayed secret 1');
  });

  it('refuse another request with the same key', async () => {
    const { give } = aDeskWithSecrets();
    await give(asked('print-1'));
    expect(await give(asked('print-2'))).toBe('idempotency_key_reused');
  });

  it('leave neither the answer nor the fingerprint readable in the store', async () => {
    const { give, keptOf } = aDeskWithSecrets();
    await give(asked('print-1'));
    const kept = await keptOf('key-1');
    expect(JSON.parse(kept)).toEqual({ fingerprint: 'sealed', answer: expect.stringMatching(/^\d{8}$/) });
    expect(kept).not.toContain('secret 1');
    expect(kept).not.toContain('print-1');
  });

  it('are bound to their key: what was kept for one cannot be replayed for another', () => {
    const vault = aVault();
    const kept = encryptedReplies(vault, asked('print-1')).reply!.encode('secret 1');
    const other = encryptedReplies(vault, asked('print-1', 'key-2')).reply!;
    expect(() => other.decode(kept)).toThrow('not encrypted for this row');
  });

  it('change nothing of a request without a key', () => {
    const meta = { tenant: 'acme', actor: 'ana', reply };
    expect(encryptedReplies(aVault(), meta)).toEqual(meta);
  });
});
