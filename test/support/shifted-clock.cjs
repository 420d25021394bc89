// Preloaded into a process: its wall clock is this many milliseconds ahead, or behind where the number is negative.
let shiftMs = Number(process.env['CLOCK_SHIFT_MS']);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length > 0) super(...given);
    else super(RealDate.now() + shiftMs);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};

// A step while it runs.
process.on('SIGUSR2', () => (shiftMs += 600_000));
