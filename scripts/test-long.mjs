// What is random or about faults in its long form, which takes hours: patterns narrow it down as with `npm test`.
process.env.REDRESS_FAULTS = 'long';
await import('./test.mjs');
