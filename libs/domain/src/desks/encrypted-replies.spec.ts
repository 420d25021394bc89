import { InMemoryUnitOfWork } from '../in-memory';
import type { SecretOwner, Vault } from '../ports/vault';
import { ok, type Result } from '../result';
import { fixedClock, sequentialIds } from '../testing';
import { encryptedReplies } from './encrypted-replies';
import { once, type Answering, type CommandMeta } from './use-case';

/** Gives out handles, so nothing of a value can be read from its ciphertext. */
function aVault(): Vault {
  const kept: { value: string; owner: SecretOwner }[] = [];
  return {
    encrypt: (value, owner) => `handle ${kept.push({ value: JSON.stringify(value), owner })}`,
    decrypt: (ciphertext, owner) => {
      const found = kept[Number(ciphertext.split(' ')[1]) - 1];
      if (!found || JSON.stringify(found.owner) !== JSON.stringify(owner)) throw new Error('not decrypted');
      return JSON.parse(found.value) as unknown;
    },
  };
}

const answering: Answering<string, string> = {
  answer: (outcome: Result<string>) => (outcome.ok ? outcome.value : outcome.refusal.code),
  keep: (answer) => answer,
  replay: (kept) => `replayed ${kept}`,
};
const asked = (fingerprint: string, key = 'key-1'): CommandMeta => ({
  tenant: 'acme',
  actor: 'ana',
  once: { key, fingerprint },
});

function aDeskWithSecrets() {
  const uow = new InMemoryUnitOfWork();
  const ports = { uow, clock: fixedClock, newId: sequentialIds() };
  const vault = aVault();
  let made = 0;
  const give = (meta: CommandMeta): Promise<string> => {
    const encrypted = encryptedReplies(vault, meta, answering);
    return once(
      ports,
      encrypted.meta,
      async () => undefined,
      async () => ok(`secret ${(made += 1)}`),
      encrypted.answering,
    );
  };
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
    expect(kept).toContain('handle');
    expect(kept).not.toContain('secret 1');
    expect(kept).not.toContain('print-1');
  });

  it('are bound to their key: what was kept for one cannot be replayed for another', () => {
    const vault = aVault();
    const kept = encryptedReplies(vault, asked('print-1'), answering).answering.keep('secret 1');
    const other = encryptedReplies(vault, asked('print-1', 'key-2'), answering).answering;
    expect(() => other.replay(kept)).toThrow('not decrypted');
  });

  it('change nothing of a request without a key', () => {
    const meta = { tenant: 'acme', actor: 'ana' };
    expect(encryptedReplies(aVault(), meta, answering)).toEqual({ meta, answering });
  });
});
