import { SingleFlight } from './single-flight';

/** A piece of work that is counted, and ends when it is told to. */
function aWork() {
  let calls = 0;
  const ends: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const work = (): Promise<string> => {
    calls++;
    return new Promise((resolve, reject) => ends.push({ answer: resolve, fail: reject }));
  };
  return { work, calls: () => calls, end: (index: number) => ends[index]! };
}

/** Long enough for everything that is already possible to have happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('requests under one key', () => {
  it('do the work once while it runs, and share its answer', async () => {
    const flights = new SingleFlight<string>(60_000);
    const { work, calls, end } = aWork();
    const first = flights.run('k', 'f', work);
    const joined = [flights.run('k', 'f', work), flights.run('k', 'f', work)];
    end(0).answer('done');
    expect(await first).toEqual({ answer: 'done', joined: false });
    expect(await Promise.all(joined)).toEqual(Array(2).fill({ answer: 'done', joined: true }));
    expect(calls()).toBe(1);
  });

  it('do it anew when the first has ended', async () => {
    const flights = new SingleFlight<string>(60_000);
    const { work, calls, end } = aWork();
    for (const index of [0, 1]) {
      const flight = flights.run('k', 'f', work);
      end(index).answer(`answer ${index}`);
      expect(await flight).toEqual({ answer: `answer ${index}`, joined: false });
    }
    expect(calls()).toBe(2);
  });

  it('are refused at once when they ask for something else', async () => {
    const flights = new SingleFlight<string>(60_000);
    const { work, end } = aWork();
    const first = flights.run('k', 'f', work);
    expect(await flights.run('k', 'other', work)).toEqual({ refused: 'other_request' });
    end(0).answer('done');
    await first;
  });

  it('are refused when the first takes longer than is waited', async () => {
    const flights = new SingleFlight<string>(0);
    const { work, calls, end } = aWork();
    const first = flights.run('k', 'f', work);
    expect(await flights.run('k', 'f', work)).toEqual({ refused: 'still_running' });
    expect(calls()).toBe(1);
    end(0).answer('done');
    await first;
  });

  it('do it themselves when the first fails, one of them for all', async () => {
    const flights = new SingleFlight<string>(60_000);
    const { work, calls, end } = aWork();
    const first = flights.run('k', 'f', work);
    const joined = [flights.run('k', 'f', work), flights.run('k', 'f', work)];
    end(0).fail(new Error('out of paper'));
    await expect(first).rejects.toThrow('out of paper');
    await settled();
    expect(calls()).toBe(2);
    end(1).answer('done');
    expect((await Promise.all(joined)).map((flight) => 'joined' in flight && flight.joined)).toEqual([
      false,
      true,
    ]);
  });
});

it('requests under different keys do not wait for each other', async () => {
  const flights = new SingleFlight<string>(60_000);
  const { work, calls, end } = aWork();
  const both = [flights.run('a', 'f', work), flights.run('b', 'f', work)];
  expect(calls()).toBe(2);
  end(1).answer('b');
  expect(await both[1]).toEqual({ answer: 'b', joined: false });
  end(0).answer('a');
  await both[0];
});
