import { setImmediate as aMoment } from 'node:timers/promises';
import type { Raise } from '../exception/report';
import { BatchPipeline } from './batch-pipeline';

type Entry = { report: Raise };
const batch = (...reasons: string[]): Entry[] =>
  reasons.map((reason) => ({ report: { transactionId: 'AA', reason } }));
const nameOf = (entries: readonly Entry[]) => entries.map(({ report }) => report.reason).join('');

/** Batches that are written when a test says so. */
function scripted() {
  const underWay: string[] = [];
  const ends = new Map<string, { land: () => void; fail: (error: Error) => void }>();
  const pipeline = new BatchPipeline<Entry>((entries) => {
    const name = nameOf(entries);
    underWay.push(name);
    return new Promise<void>((land, fail) => ends.set(name, { land, fail })).finally(() =>
      underWay.splice(underWay.indexOf(name), 1),
    );
  });
  return { pipeline, underWay, end: (name: string) => ends.get(name)! };
}

describe('batches of an import', () => {
  it('are under way two at a time', async () => {
    const { pipeline, underWay, end } = scripted();
    await pipeline.add(batch('a'));
    await pipeline.add(batch('b'));
    const third = pipeline.add(batch('c'));
    await aMoment();
    expect(underWay).toEqual(['a', 'b']);
    end('a').land();
    await third;
    expect(underWay).toEqual(['b', 'c']);
  });

  it('wait for one another when they tell of the same', async () => {
    const { pipeline, underWay, end } = scripted();
    await pipeline.add(batch('a', 'x'));
    const second = pipeline.add([...batch('b'), { report: { transactionId: 'aa', reason: 'x' } }]);
    await aMoment();
    expect(underWay).toEqual(['ax']);
    end('ax').land();
    await second;
    expect(underWay).toEqual(['bx']);
  });

  it('fail when the next is started, and are over when none is under way', async () => {
    const { pipeline, underWay, end } = scripted();
    await pipeline.add(batch('a'));
    await pipeline.add(batch('b'));
    end('a').fail(new Error('lost'));
    await expect(pipeline.add(batch('c'))).rejects.toThrow('lost');
    const over = pipeline.settled().then(() => underWay.length);
    await aMoment();
    end('b').fail(new Error('lost, too'));
    expect(await over).toBe(0);
  });

  it('fail at the end of the file', async () => {
    const { pipeline, end } = scripted();
    await pipeline.add(batch('a'));
    await pipeline.add(batch('b'));
    end('a').land();
    end('b').fail(new Error('lost'));
    await expect(pipeline.finish()).rejects.toThrow('lost');
  });
});
