import { isLocalName, isPublicAddress } from './egress-address';

describe('a public address', () => {
  it.each([
    ['1.0.0.0', '0.255.255.255'],
    ['9.255.255.255', '10.0.0.0'],
    ['11.0.0.0', '10.255.255.255'],
    ['100.63.255.255', '100.64.0.0'],
    ['100.128.0.0', '100.127.255.255'],
    ['126.255.255.255', '127.0.0.0'],
    ['128.0.0.0', '127.255.255.255'],
    ['168.63.129.15', '168.63.129.16'],
    ['169.253.255.255', '169.254.0.0'],
    ['169.255.0.0', '169.254.255.255'],
    ['172.15.255.255', '172.16.0.0'],
    ['172.32.0.0', '172.31.255.255'],
    ['192.0.1.0', '192.0.0.255'],
    ['192.0.3.0', '192.0.2.255'],
    ['192.88.98.255', '192.88.99.0'],
    ['192.167.255.255', '192.168.0.0'],
    ['192.169.0.0', '192.168.255.255'],
    ['198.17.255.255', '198.18.0.0'],
    ['198.20.0.0', '198.19.255.255'],
    ['198.51.101.0', '198.51.100.255'],
    ['203.0.112.255', '203.0.113.0'],
    ['223.255.255.255', '224.0.0.0'],
    ['2000::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['3ffe:ffff::', '4000::'],
    ['2001:200::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db7:ffff::', '2001:db8::'],
    ['2001:db9::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2003::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['3fff:1000::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2606:4700:4700::1111', '::ffff:1.1.1.1'],
    ['2a00:1450:4001::8a', '64:ff9b::8.8.8.8'],
  ])('is %s, and not %s', (inside, outside) => {
    expect(isPublicAddress(inside)).toBe(true);
    expect(isPublicAddress(outside)).toBe(false);
  });

  it.each(['', 'localhost', '8.8.8', '8.8.8.8.', '08.8.8.8', '[2606::1]', '8.8.8.8/32', ' 8.8.8.8'])(
    'is nothing that is no address: %j',
    (text) => expect(isPublicAddress(text)).toBe(false),
  );
});

describe('a local name', () => {
  it.each([
    'localhost',
    'a.localhost',
    'printer.local',
    'metadata.google.internal',
    'x.home.arpa',
    'intranet',
    '',
  ])('is %j', (name) => expect(isLocalName(name)).toBe(true));

  it.each([
    'example.com',
    'local.example.com',
    'notlocal.example',
    'a.notlocalhost',
    '8.8.8.8',
    '::1',
    'internal.com',
  ])('is not %j', (name) => expect(isLocalName(name)).toBe(false));
});
