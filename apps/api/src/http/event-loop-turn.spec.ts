import { Readable } from 'node:stream';
import { csvRecords } from '../bulk/csv-reader';
import { EventLoopTurn } from './event-loop-turn';
import { ndjsonLines } from '../bulk/report-lines';

let clock: number;
/** Milliseconds that go by whenever the time is asked for. */
let step: number;

beforeEach(() => {
  clock = step = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (clock += step));
});
afterEach(() => jest.restoreAllMocks());

describe('the turn of the event loop', () => {
  it('is due once a slice of time is used up, and then again', async () => {
    const turn = new EventLoopTurn();
    expect(turn.due()).toBeUndefined();
    clock = 9;
    expect(turn.due()).toBeUndefined();
    clock = 10;
    const pause = turn.due();
    expect(pause).toBeInstanceOf(Promise);
    await pause;
    expect(turn.due()).toBeUndefined();
    clock = 20;
    expect(turn.due()).toBeInstanceOf(Promise);
  });
});

/** How often something else had a turn while all of these were read. */
async function turnsDuring(
  read: (stream: Readable) => AsyncIterable<unknown>,
  text: string,
): Promise<number> {
  let turns = 0;
  let isReading = true;
  const count = () => {
    turns++;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  const lines = read(Readable.from([Buffer.from(text)]))[Symbol.asyncIterator]();
  while (!(await lines.next()).done);
  isReading = false;
  return turns;
}

describe.each<[string, (stream: Readable) => AsyncIterable<unknown>, string]>([
  ['NDJSON of bad lines', ndjsonLines, 'x\n'.repeat(200)],
  ['NDJSON of blank lines', ndjsonLines, `${' \n'.repeat(200)}x`],
  ['CSV', csvRecords, 'a,b\n'.repeat(200)],
  ['CSV of blank lines', csvRecords, `${'\n'.repeat(200)}x`],
  ['CSV whose first quote is never closed', csvRecords, `"\n${'""\n'.repeat(200)}`],
])('%s', (_, read, text) => {
  it('lets others have a turn at each line, when each takes a slice of time', async () => {
    step = 11;
    expect(await turnsDuring(read, text)).toBeGreaterThanOrEqual(200);
  });

  it('would keep them waiting all the while if no time was seen to go by', async () => {
    step = 0;
    expect(await turnsDuring(read, text)).toBeLessThan(20);
  });
});
