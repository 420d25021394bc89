#!/usr/bin/env node
// Three books of a merchant group that ought to agree, broken the way real books break, reconciled, and written as the
// lines a matching engine would send to POST /v1/exceptions/import. The same options always give the same bytes.
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

const USAGE = `node examples/breaks/generate.mjs [--rows 5200] [--seed 7] [--as-of 2026-03-02T08:00:00Z]
    [--format ndjson|csv] [--out FILE] [--expect FILE]
  --committed   rewrite breaks.ndjson, breaks.csv and expected.json beside this file`;

const DEFAULTS = { rows: 5200, seed: 7, asOf: '2026-03-02T08:00:00Z', format: 'ndjson' };
const COMMITTED = {
  'breaks.ndjson': DEFAULTS,
  'breaks.csv': { ...DEFAULTS, rows: 1200, seed: 11, format: 'csv' },
};

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

// ---------------------------------------------------------------------------------------------------------- randomness

/** mulberry32. Only integer operations and IEEE arithmetic from here on, so every platform draws the same numbers. */
function randomFrom(seed) {
  let state = seed >>> 0;
  const word = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const next = () => word() / 2 ** 32;
  const int = (min, max) => min + Math.floor(next() * (max - min + 1));
  const chance = (share) => next() < share;
  const pick = (list) => list[int(0, list.length - 1)];
  const weighted = (list) => {
    let left = next() * list.reduce((sum, { weight }) => sum + weight, 0);
    return list.find(({ weight }) => (left -= weight) < 0) ?? list.at(-1);
  };
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  };
  const hex = (digits) => word().toString(16).padStart(8, '0').slice(0, digits);
  const variant = () => '89ab'[word() >>> 30] + hex(3);
  return {
    int,
    chance,
    pick,
    weighted,
    normal,
    uuid4: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${variant()}-${hex(8)}${hex(4)}`,
    uuid7: (at) => {
      const time = at.toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${variant()}-${hex(8)}${hex(4)}`;
    },
  };
}

/** e^x by multiplication alone: Math.exp may differ in its last bit between engines. */
function exp(x) {
  let power = 1 + x / 4096;
  for (let i = 0; i < 12; i++) power *= power;
  return power;
}

// ------------------------------------------------------------------------------------------------------------ the group

/** Fraction digits of ISO 4217. */
const DIGITS = { BRL: 2, USD: 2, EUR: 2, GBP: 2, MXN: 2, JPY: 0, BHD: 3, KWD: 3, CLF: 4 };

/**
 * The companies of the group. `median` card payment in whole units; `rate` (basis points) and `fixed` (minor units) are
 * the fee agreed with the gateway; `wire` (minor units) is what a correspondent bank keeps. No gateway: transfers only.
 */
const HOUSES = [
  ['Casa Ipê', 'BRL', 22, -3, 'bank:atlantico', 'gateway:quillpay', 240, 289, 39, 3500],
  ['Ipê Atacado', 'BRL', 9, -3, 'bank:serra', 'gateway:tidegate', 610, 249, 39, 3500],
  ['Northfield Goods', 'USD', 17, -5, 'bank:northgate', 'gateway:quillpay', 95, 290, 30, 2500],
  ['Haus Lindner', 'EUR', 10, 1, 'bank:rheintor', 'gateway:quillpay', 88, 140, 25, 1500],
  ['Maison Vasseur', 'EUR', 6, 1, 'bank:rheintor', 'gateway:tidegate', 120, 140, 25, 1500],
  ['Alder & Finch', 'GBP', 9, 0, 'bank:wharfside', 'gateway:tidegate', 74, 150, 20, 1200],
  ['Tienda Jacaranda', 'MXN', 9, -6, 'bank:tezontle', 'gateway:tidegate', 1450, 360, 300, 29000],
  ['Kitahama Store', 'JPY', 9, 9, 'bank:kitahama', 'gateway:quillpay', 9800, 340, 0, 2500],
  ['Pearl Souk', 'BHD', 4, 3, 'bank:dilmun', 'gateway:tidegate', 38, 250, 100, 5000],
  ['Failaka Home', 'KWD', 4, 3, 'bank:failaka', 'gateway:tidegate', 32, 250, 100, 5000],
  ['Inmobiliaria Raulí', 'CLF', 1.5, -3, 'bank:andina', undefined, 4, 0, 0, 2000],
].map(([merchant, currency, weight, hours, bank, gateway, median, rate, fixed, wire]) => {
  return { merchant, currency, weight, offset: hours * HOUR, bank, gateway, median, rate, fixed, wire };
});

const COUNTERPARTIES = [
  'Oficina "Três Rios" Ltda',
  'Transportes São Bento S.A.',
  'Brandt, Falk & Söhne KG',
  "O'Malley Freight Ltd",
  'Hartwell Paper Co., Inc.',
  'Imprenta Ñandú S. de R.L.',
  '株式会社 北浜商会',
  'Al Manara Trading W.L.L.',
  'Gulf Lantern Supplies',
  'Atelier Bréval SARL',
  'Cooperativa Vale Verde',
  'Quayside Cold Storage',
  'Distribuidora El Roble',
  'Studio Łąka',
  // Name and address, as a SWIFT beneficiary field carries them.
  'Werkzeug Nord GmbH\nKontorhaus 4, 20095 Hamburg',
];

/** Which currency a clerk or a badly mapped feed writes instead. */
const MISTAKEN = {
  BRL: 'USD',
  USD: 'EUR',
  EUR: 'USD',
  GBP: 'EUR',
  MXN: 'USD',
  JPY: 'USD',
  BHD: 'KWD',
  KWD: 'BHD',
  CLF: 'USD',
};

const dates = new Map();
function isoDate(day) {
  if (!dates.has(day)) dates.set(day, new Date(day * DAY).toISOString().slice(0, 10));
  return dates.get(day);
}
const compact = (day) => isoDate(day).replaceAll('-', '');
const monthOf = (day) => isoDate(day).slice(0, 7);
const isMonthEnd = (day) => monthOf(day) !== monthOf(day + 1);

/** 1 January 1970 was a Thursday. */
function businessDay(day) {
  const weekday = (day + 4) % 7;
  return weekday === 6 ? day + 2 : weekday === 0 ? day + 1 : day;
}

function decimal(minor, currency) {
  const digits = DIGITS[currency];
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${minor < 0 ? '-' : ''}${whole}${digits ? `.${text.slice(-digits)}` : ''}`;
}

/** Log-normal, in minor units; a third of all prices are whole. */
function amountAround(median, currency, random) {
  const scale = 10 ** DIGITS[currency];
  const minor = Math.max(1, Math.round(median * scale * exp(1.5 * random.normal())));
  return minor > scale && random.chance(0.33) ? Math.round(minor / scale) * scale : minor;
}

const agreedFee = (amount, { rate, fixed }) =>
  amount < 0 ? 0 : Math.floor((amount * rate + 5000) / 10000) + fixed;

// ------------------------------------------------------------------------------------------------------- books that agree

/** One day of one company on one channel, as pairs: what our book says and what theirs says about the same money. */
function transfersOf(house, day, statement, clock, random) {
  return moments(random.int(15, 40), house, day, clock, random).map((at, index) => {
    const amount = amountAround(house.median * 14, house.currency, random) * (random.chance(0.15) ? -1 : 1);
    const shared = {
      house,
      at,
      day,
      amount,
      currency: house.currency,
      counterparty: random.pick(COUNTERPARTIES),
    };
    const ref = `${statement}-${index}`;
    const line = `${statement}/${String(index + 1).padStart(3, '0')}`;
    return {
      ours: {
        ...shared,
        ref,
        book: random.chance(0.8) ? 'ledger:core' : 'ledger:treasury',
      },
      theirs: { ...shared, ref, book: house.bank, batch: statement, line },
    };
  });
}

function cardPaymentsOf(house, day, settlement, clock, random) {
  return moments(random.int(25, 80), house, day, clock, random).map((at, index) => {
    const amount = amountAround(house.median, house.currency, random) * (random.chance(0.07) ? -1 : 1);
    const fee = agreedFee(amount, house);
    const shared = { house, at, day, amount, fee, currency: house.currency, ref: `${settlement}-${index}` };
    return {
      ours: { ...shared, book: 'ledger:core' },
      theirs: { ...shared, book: house.gateway, batch: settlement, settlement },
    };
  });
}

/** The gateway pays out what it settled, two banking days later, as one statement line. */
function payoutOf(house, day, settlement, settled, clock, random) {
  const paidOn = businessDay(day + 2);
  const at = paidOn * DAY - house.offset + 5 * HOUR + random.int(0, 7200) * SECOND;
  const amount = settled
    .filter(({ currency }) => currency === house.currency)
    .reduce((sum, posting) => sum + posting.amount - posting.fee, 0);
  if (at > clock.now || amount <= 0) return [];
  const shared = { house, at, day: paidOn, amount, currency: house.currency, ref: settlement, settlement };
  const line = `${compact(paidOn)}/${random.int(101, 199)}`;
  return [
    {
      ours: { ...shared, book: house.gateway, batch: settlement },
      theirs: { ...shared, book: house.bank, line },
    },
  ];
}

/** Moments of a local day, busiest around noon, none of them in the future. */
function moments(count, { offset }, day, clock, random) {
  return Array.from({ length: count }, () => {
    const ofDay =
      Math.floor(((random.int(0, 86399) + random.int(0, 86399)) / 2) * SECOND) + random.int(0, 999);
    return day * DAY - offset + ofDay;
  }).filter((at) => at < clock.now);
}

// ---------------------------------------------------------------------------------------------------------- breaking them

/** Each fault takes the pair and answers with what is left in either book. */
const unchanged = ({ ours, theirs }) => ({ ours: [ours], theirs: [theirs] });
const missingTheirs = ({ ours }) => ({ ours: [ours], theirs: [] });
const missingOurs = ({ theirs }) => ({ ours: [], theirs: [theirs] });
const changed = ({ ours, theirs }, change) => ({ ours: [ours], theirs: [{ ...theirs, ...change }] });

function feeNetted(pair) {
  const { amount, house } = pair.theirs;
  return Math.abs(amount) > 2 * house.wire ? changed(pair, { amount: amount - house.wire }) : unchanged(pair);
}

function fxRounding(pair, random) {
  const off = random.int(1, 3) * (random.chance(0.5) ? 1 : -1);
  return Math.abs(pair.theirs.amount) > 3
    ? changed(pair, { amount: pair.theirs.amount + off })
    : unchanged(pair);
}

function transposedDigits(pair, random) {
  const digits = [...String(Math.abs(pair.theirs.amount))];
  const places = digits.map((_, i) => i).filter((i) => i > 0 && digits[i] !== digits[i - 1]);
  if (places.length === 0) return unchanged(pair);
  const place = random.pick(places);
  [digits[place - 1], digits[place]] = [digits[place], digits[place - 1]];
  const amount = Number(digits.join('')) * Math.sign(pair.theirs.amount);
  return amount === 0 ? unchanged(pair) : changed(pair, { amount });
}

function misdated(pair, random, clock) {
  const { day, house } = pair.theirs;
  const shift = isMonthEnd(day) ? 1 : random.int(1, 3) * (random.chance(0.7) ? 1 : -1);
  const today = Math.floor((clock.now + house.offset) / DAY);
  return changed(pair, { day: day + shift > today ? day - Math.abs(shift) : day + shift });
}

function wrongTariff(pair, random) {
  const { fee, amount, house } = pair.theirs;
  if (amount < 0) return unchanged(pair);
  return changed(pair, {
    fee: random.chance(0.6) ? agreedFee(amount, { ...house, rate: house.rate + 90 }) : 2 * fee,
  });
}

const wrongCurrency = (pair) => changed(pair, { currency: MISTAKEN[pair.theirs.currency] });

const postedTwice = ({ ours, theirs }) => ({
  ours: [ours],
  theirs: [theirs, { ...theirs, at: theirs.at + 1 }],
});

const TRANSFER_FAULTS = [
  [0.012, feeNetted],
  [0.008, fxRounding],
  [0.005, transposedDigits],
  [0.012, missingTheirs],
  [0.012, missingOurs],
  [0.012, misdated],
  [0.005, wrongCurrency],
];
const CARD_FAULTS = [
  [0.009, postedTwice],
  [0.016, wrongTariff],
  [0.008, missingOurs],
  [0.009, missingTheirs],
  [0.007, fxRounding],
  [0.003, transposedDigits],
  [0.007, misdated],
  [0.002, wrongCurrency],
];
const PAYOUT_FAULTS = [
  [0.07, missingTheirs],
  [0.05, feeNetted],
  [0.06, misdated],
];

function broken(pairs, faults, random, clock) {
  const books = { ours: [], theirs: [] };
  const keep = ({ ours, theirs }) => {
    books.ours.push(...ours);
    books.theirs.push(...theirs);
  };
  for (const pair of pairs) {
    let roll = random.int(0, 999_999) / 1_000_000;
    const hit = faults.find(([share]) => (roll -= share) < 0);
    // The last day of a month is when value dates go wrong most.
    if (!hit && isMonthEnd(pair.theirs.day) && random.chance(0.02)) keep(misdated(pair, random, clock));
    else keep(hit ? hit[1](pair, random, clock) : unchanged(pair));
  }
  return books;
}

// --------------------------------------------------------------------------------------------------------- reconciling them

const TRANSFER_RULES = { missing: 'Missing in bank statement', unexpected: 'Missing in ledger' };
const CARD_RULES = {
  missing: 'Missing in gateway settlement',
  unexpected: 'Missing in ledger',
  repeated: 'Duplicate in gateway settlement',
};
const PAYOUT_RULES = { missing: 'Settlement missing in bank statement' };

/** By reference, one to one; whatever does not agree is a break. */
function reconcile({ ours, theirs }, rules) {
  const breaks = [];
  const unmatched = new Map();
  for (const posting of theirs) {
    if (unmatched.has(posting.ref)) {
      const differences = [{ field: 'occurrences', expected: '1', actual: '2' }];
      breaks.push({ reason: rules.repeated, about: posting, reporter: posting, differences });
    } else unmatched.set(posting.ref, posting);
  }
  for (const posting of ours) {
    const other = unmatched.get(posting.ref);
    unmatched.delete(posting.ref);
    if (other) breaks.push(...disagreements(posting, other));
    else breaks.push({ reason: rules.missing, about: posting, reporter: posting });
  }
  for (const posting of unmatched.values()) {
    breaks.push({ reason: rules.unexpected, about: posting, reporter: posting });
  }
  return breaks;
}

function* disagreements(expected, actual) {
  const found = (reason, ...differences) => ({ reason, about: expected, reporter: actual, differences });
  const { currency } = expected;
  const money = (field, a, b) => ({ field, expected: decimal(a, currency), actual: decimal(b, currency) });
  const net = ({ amount, fee }) => amount - fee;
  if (expected.currency !== actual.currency) {
    yield found('Currency mismatch', {
      field: 'currency',
      expected: expected.currency,
      actual: actual.currency,
    });
  } else if (expected.amount !== actual.amount) {
    const amounts = [money('amount', expected.amount, actual.amount)];
    if (expected.fee !== undefined) amounts.push(money('net', net(expected), net(actual)));
    yield found('Amount mismatch detected', ...amounts);
  } else if (expected.fee !== undefined && Math.abs(expected.fee - actual.fee) > 1) {
    yield found(
      'Fee variance above tolerance',
      money('fee', expected.fee, actual.fee),
      money('net', net(expected), net(actual)),
    );
  }
  if (expected.day !== actual.day) {
    const crossed = monthOf(expected.day) !== monthOf(actual.day);
    yield found(crossed ? 'Value date differs across month end' : 'Value date differs', {
      field: 'valueDate',
      expected: isoDate(expected.day),
      actual: isoDate(actual.day),
    });
  }
}

/** Breaks in the order in which the money moved. */
function findBreaks(count, clock, random) {
  const breaks = [];
  for (let slice = 1; breaks.length < count; slice++) {
    const house = random.weighted(HOUSES);
    const age = random.chance(0.95) ? random.int(0, 9) : random.int(10, 40);
    const day = Math.floor((clock.now + house.offset) / DAY) - age;
    const batch = (book) => `${book.split(':')[1].slice(0, 4).toUpperCase()}-${compact(day)}-${slice}`;
    if (!house.gateway || random.chance(0.5)) {
      const transfers = transfersOf(house, day, batch(house.bank), clock, random);
      breaks.push(...reconcile(broken(transfers, TRANSFER_FAULTS, random, clock), TRANSFER_RULES));
    } else {
      const settlement = batch(house.gateway);
      const cards = broken(cardPaymentsOf(house, day, settlement, clock, random), CARD_FAULTS, random, clock);
      const payout = payoutOf(house, day, settlement, cards.theirs, clock, random);
      breaks.push(...reconcile(cards, CARD_RULES));
      breaks.push(...reconcile(broken(payout, PAYOUT_FAULTS, random, clock), PAYOUT_RULES));
    }
  }
  breaks.length = count;
  return breaks.sort((a, b) => a.about.at - b.about.at);
}

// ---------------------------------------------------------------------------------------------- the shape of the request

/** Two breaks of one posting name the same transaction; ledger ids carry their time, those of the others do not. */
function transactionIdOf(posting, random) {
  posting.id ??= posting.book.startsWith('ledger:') ? random.uuid7(posting.at) : random.uuid4();
  return posting.id;
}

/** A break as the members of POST /v1/exceptions, in order; `amount` stays text so that no digit is lost. */
function requestOf({ reason, about, reporter, differences }, clock, random) {
  const currencyIsDoubtful = reason === 'Currency mismatch' && random.chance(0.2);
  const request = { transactionId: transactionIdOf(about, random), reason };
  if (random.chance(0.05)) request.severity = random.pick(['LOW', 'MEDIUM', 'MEDIUM', 'HIGH', 'CRITICAL']);
  if (!currencyIsDoubtful) {
    request.amount = decimal(about.amount, about.currency);
    request.currency = about.currency;
  }
  if (!random.chance(0.01)) request.occurredAt = timestamp(about.at, about.house.offset, random);
  request.source = reporter.book;
  if (random.chance(0.03)) request.dueAt = timestamp(clock.now + random.int(1, 6) * DAY, 0, random);
  if (differences) request.differences = differences;
  const { batch, settlement, line } = { ...about, ...reporter };
  request.metadata = {
    ...(batch && { batch }),
    ...(about.counterparty && { counterparty: about.counterparty }),
    merchant: about.house.merchant,
    ...(settlement && { settlementId: settlement }),
    ...(line && { statementLine: line }),
  };
  return { ...request, amountIsText: random.chance(0.25) };
}

/** RFC 3339: mostly UTC with milliseconds, sometimes the local offset, sometimes whole seconds. */
function timestamp(at, offset, random) {
  const local = random.chance(0.3) ? offset : 0;
  const text = new Date(at + local).toISOString().slice(0, random.chance(0.2) ? 19 : 23);
  const hours = String(Math.abs(local) / HOUR).padStart(2, '0');
  return local === 0 ? `${text}Z` : `${text}${local < 0 ? '-' : '+'}${hours}:00`;
}

// -------------------------------------------------------------------------------------------------------------- formats

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;

function ndjsonMembers({ amountIsText, ...request }) {
  return Object.entries(request).map(([name, value]) => {
    const bare = name === 'amount' && !amountIsText && JSON_NUMBER.test(value);
    return `${JSON.stringify(name)}:${bare ? value : JSON.stringify(value)}`;
  });
}

const object = (members) => `{${members.join(',')}}`;

const COLUMNS = [
  ...[
    'transactionId',
    'reason',
    'severity',
    'amount',
    'currency',
    'occurredAt',
    'source',
    'dueAt',
    'differences',
  ],
  ...['batch', 'counterparty', 'merchant', 'settlementId', 'statementLine'].map((key) => `metadata.${key}`),
];

function csvCells({ differences, metadata, ...request }) {
  return COLUMNS.map((column) => {
    if (column === 'differences') {
      return typeof differences === 'string' ? differences : differences ? JSON.stringify(differences) : '';
    }
    return (column.startsWith('metadata.') ? metadata[column.slice(9)] : request[column]) ?? '';
  });
}

const csvLine = (cells) =>
  cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');

const FORMATS = {
  ndjson: { end: '\n', header: undefined, line: (request) => object(ndjsonMembers(request)) },
  csv: { end: '\r\n', header: COLUMNS.join(','), line: (request) => csvLine(csvCells(request)) },
};

// ------------------------------------------------------------------------------------------------------------- bad lines

const without = (name, { [name]: _, ...rest }) => rest;
const nested = (depth) => (depth === 0 ? 'end' : { raw: nested(depth - 1) });
const withTime = (request, clock) => request.occurredAt ?? new Date(clock.now - HOUR).toISOString();

/** Faults of the data that both formats can carry. */
const DATA_FAULTS = {
  missing_transaction_id: (request) => without('transactionId', request),
  not_a_uuid: (request, random) => ({
    ...request,
    transactionId: random.chance(0.5) ? `TXN-${random.int(1e6, 9e6)}` : request.transactionId.slice(0, -1),
  }),
  blank_reason: (request) => ({ ...request, reason: '   ' }),
  reason_too_long: (request) => ({
    ...request,
    reason: `${request.reason}; see engine trace `.repeat(8).padEnd(300, '.'),
  }),
  amount_without_currency: (request) => ({ amount: '10', ...without('currency', request) }),
  decimal_comma: (request) => ({ ...request, amount: '1,50', currency: 'BRL' }),
  too_precise_jpy: (request, random) => ({
    ...request,
    amount: `${random.int(100, 90000)}.50`,
    currency: 'JPY',
  }),
  too_precise_bhd: (request, random) => ({
    ...request,
    amount: `${random.int(1, 900)}.${random.int(100, 999)}5`,
    currency: 'BHD',
  }),
  unknown_currency: (request, random) => ({
    ...request,
    amount: '120.00',
    currency: random.pick(['ZZZ', 'R$', 'EURO']),
  }),
  unknown_severity: (request, random) => ({ ...request, severity: random.pick(['URGENT', 'P1', 'SEV-2']) }),
  date_only: (request, _, clock) => ({ ...request, occurredAt: withTime(request, clock).slice(0, 10) }),
  impossible_date: (request, _, clock) => ({
    ...request,
    occurredAt: withTime(request, clock).replace(/^(\d{4})-\d\d-\d\d/, '$1-02-30'),
  }),
  too_many_differences: (request) => ({
    ...request,
    differences: Array.from({ length: 51 }, (_, i) => ({ field: `f${i}`, expected: '0', actual: '1' })),
  }),
  nested_too_deep: (request) => ({ ...request, differences: [nested(80)] }),
};

/** Faults of the writing, which only one of them can. */
const TEXT_FAULTS = {
  ndjson: {
    broken_json: (request) => object(ndjsonMembers(request)).slice(0, -20),
    not_an_object: (request) => `[${object(ndjsonMembers(request))}]`,
    unknown_member: (request) => object([...ndjsonMembers(request), '"valueDate":"2026-02-27"']),
    duplicated_member: (request) =>
      object([...ndjsonMembers(request), '"reason":"Amount mismatch detected"']),
    metadata_number: (request) => object(ndjsonMembers({ ...request, metadata: { merchant: 4711 } })),
  },
  csv: {
    broken_json: (request) =>
      csvLine(csvCells({ ...request, differences: '[{"field":"amount","expected":' })),
    // An unquoted comma in the reason pushes every later cell one column to the right.
    too_many_cells: (request) => {
      const [id, , ...rest] = csvCells(request);
      return `${id},Amount mismatch, fee netted,${csvLine(rest)}`;
    },
    // The export stopped after the first cell.
    too_few_cells: (request) => request.transactionId,
  },
};

function badLine(kind, request, format, random, clock) {
  const inText = TEXT_FAULTS[format][kind];
  return inText ? inText(request) : FORMATS[format].line(DATA_FAULTS[kind](request, random, clock));
}

// ------------------------------------------------------------------------------------------------------------- the feed

/** How many of the lines raised last may be seen again; bounds what has to be remembered. */
const REMEMBERED = 10_000;

/**
 * Yields a feed, one physical record at a time, and counts into `expected` what an importer must count: every line with
 * content is received; a good one is raised, or seen again when its transaction and reason came before.
 */
function* generate({ rows, seed, asOf, format }, expected) {
  const random = randomFrom(seed);
  const clock = { now: Date.parse(asOf) };
  const { end, header, line } = FORMATS[format];
  const special = specialRows(rows, format, random);
  const repeats = [...special.values()].filter((what) => what === 'repeat').length;
  const breaks = findBreaks(rows - repeats, clock, random).values();
  const raised = [];
  let physicalLine = 1;
  const written = (text) => {
    physicalLine += text.split('\n').length;
    return text + end;
  };

  Object.assign(expected, { received: 0, raised: 0, seenAgain: 0, rejected: 0, rejectedLines: [] });
  if (header) yield written(header);
  for (let row = 0; row < rows; row++) {
    const what = special.get(row);
    expected.received += 1;
    if (what === 'repeat') {
      expected.seenAgain += 1;
      yield written(line(seenAgain(random.pick(raised), random)));
    } else {
      const request = requestOf(breaks.next().value, clock, random);
      if (what) {
        expected.rejected += 1;
        expected.rejectedLines.push({ line: physicalLine, kind: what });
        yield written(badLine(what, request, format, random, clock));
      } else {
        raised[expected.raised % REMEMBERED] = request;
        expected.raised += 1;
        yield written(line(request));
      }
    }
    // Feeds glued together from several files have blank lines in between.
    if (row % 1000 === 499) yield written('');
  }
}

/** Which rows are bad (1 %, and of every kind if there is room) and which are seen again (2 %); never the first ones. */
function specialRows(rows, format, random) {
  const kinds = [...Object.keys(TEXT_FAULTS[format]), ...Object.keys(DATA_FAULTS)];
  const share = Math.round(rows / 100);
  const badCount = rows < 500 ? share : Math.max(share, kinds.length);
  const special = new Map();
  while (special.size < badCount + 2 * share) {
    const row = random.int(20, rows - 1);
    if (!special.has(row))
      special.set(row, special.size < badCount ? kinds[special.size % kinds.length] : 'repeat');
  }
  return special;
}

/** Mostly the very same line; sometimes graver than before, sometimes milder (which must change nothing). */
function seenAgain(request, random) {
  const { transactionId, reason, ...rest } = request;
  if (random.chance(0.25)) return { transactionId, reason, ...rest, severity: 'CRITICAL' };
  if (random.chance(0.15)) return { transactionId, reason, ...rest, severity: 'LOW' };
  return request;
}

/** One rejected line per line, so that a change of the data reads well as a diff. */
function expectationText({ rejectedLines, ...counts }, indent = '') {
  const list = rejectedLines.map(({ line, kind }) => `${indent}    { "line": ${line}, "kind": "${kind}" }`);
  const members = Object.entries(counts).map(([name, count]) => `${indent}  "${name}": ${count},\n`);
  const items = list.length === 0 ? '[]' : `[\n${list.join(',\n')}\n${indent}  ]`;
  return `{\n${members.join('')}${indent}  "rejectedLines": ${items}\n${indent}}`;
}

// ----------------------------------------------------------------------------------------------------------- command line

function optionsFrom(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const { values } = parseArgs({
    args,
    options: {
      rows: text,
      seed: text,
      'as-of': text,
      format: text,
      out: text,
      expect: text,
      committed: flag,
      help: flag,
    },
  });
  const wholeNumber = (name, min, max) => {
    if (values[name] === undefined) return DEFAULTS[name];
    const number = /^\d+$/.test(values[name]) ? Number(values[name]) : NaN;
    if (!(number >= min && number <= max))
      throw new Error(`--${name} must be a whole number from ${min} to ${max}.`);
    return number;
  };
  const asOf = values['as-of'] ?? DEFAULTS.asOf;
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(asOf) ||
    Number.isNaN(Date.parse(asOf))
  ) {
    throw new Error(`--as-of must be an RFC 3339 date-time such as ${DEFAULTS.asOf}.`);
  }
  const format = values.format ?? DEFAULTS.format;
  if (!Object.hasOwn(FORMATS, format)) throw new Error('--format must be ndjson or csv.');
  return {
    ...values,
    rows: wholeNumber('rows', 1, 1_000_000),
    seed: wholeNumber('seed', 0, 2 ** 32 - 1),
    asOf,
    format,
  };
}

function writeCommitted() {
  const expectations = Object.entries(COMMITTED).map(([name, options]) => {
    const expected = {};
    writeFileSync(join(import.meta.dirname, name), [...generate(options, expected)].join(''));
    return `  "${name}": ${expectationText(expected, '  ')}`;
  });
  writeFileSync(join(import.meta.dirname, 'expected.json'), `{\n${expectations.join(',\n')}\n}\n`);
}

async function main() {
  const { help, committed, out, expect, ...options } = optionsFrom(process.argv.slice(2));
  if (help) return console.log(USAGE);
  if (committed) return writeCommitted();
  const expected = {};
  await pipeline(
    Readable.from(generate(options, expected)),
    out === undefined ? process.stdout : createWriteStream(out),
  );
  const text = `${expectationText(expected)}\n`;
  if (expect === undefined) process.stderr.write(text);
  else writeFileSync(expect, text);
}

main().catch((error) => {
  if (error.code === 'EPIPE') return; // the reader (head, say) has seen enough
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
});
