import { isUuid } from './uuid';

describe('recognizing a UUID', () => {
  it.each([
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
    '019C96A0-10D2-7134-A0B1-2F7D9F0C1D2E',
    '019c96A0-10d2-7134-B0b1-2f7d9f0c1d2e',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((version) => `919108f7-52d1-${version}320-9bac-f847db4148a8`),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  ])('accepts %s', (text) => expect(isUuid(text)).toBe(true));

  it.each([
    '',
    '1',
    'not-a-uuid',
    '019c96a010d27134a0b12f7d9f0c1d2e',
    '{019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e}',
    'urn:uuid:019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2ee',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2g',
    ' 019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e',
    '019c96a0-10d2-7134-a0b1-2f7d9f0c1d2e\n',
  ])('refuses %j', (text) => expect(isUuid(text)).toBe(false));
});
