import { isBrokenCircuitError } from 'cockatiel';
import { CircuitBreaker } from './circuit-breaker';

const options = { concurrency: 2, failures: 2, pauseMs: 30_000 };
const failing = async () => ({ outcome: 'unavailable', problem: 'It is away.' });
const working = async () => ({ outcome: 'none' });

describe('a circuit breaker', () => {
  let monotonic = 1000;
  let wall = Date.parse('2026-01-02T03:04:05Z');
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => monotonic);
    jest.spyOn(Date, 'now').mockImplementation(() => wall);
  });
  afterEach(() => jest.restoreAllMocks());
  const pass = (ms: number) => {
    monotonic += ms;
    wall += ms;
  };

  async function opened(): Promise<CircuitBreaker> {
    const breaker = new CircuitBreaker(options);
    for (let i = 0; i < options.failures; i++) await breaker.pass(failing);
    return breaker;
  }

  it('opens after failures in a row, and lets one call through after its pause', async () => {
    const breaker = await opened();
    expect([breaker.state, breaker.places]).toEqual(['open', 1]);
    expect(breaker.blocked()?.afterMs).toBe(31_000);
    expect(isBrokenCircuitError(await breaker.pass(working).catch((error: unknown) => error))).toBe(true);
    pass(29_999);
    expect(breaker.blocked()).toBeDefined();
    pass(1);
    expect([breaker.blocked(), breaker.state]).toEqual([undefined, 'half_open']);
    await breaker.pass(working);
    expect([breaker.state, breaker.places]).toEqual(['closed', 2]);
  });

  it.each([3_600_000, -3_600_000])(
    'keeps its pause when the wall clock steps by %i ms meanwhile',
    async (step) => {
      wall += step;
      const breaker = await opened();
      wall -= step;
      pass(30_000);
      expect(breaker.blocked()).toBeUndefined();
      await breaker.pass(working);
      expect(breaker.state).toBe('closed');
    },
  );
});
