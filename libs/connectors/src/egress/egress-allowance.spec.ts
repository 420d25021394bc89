import { EgressAllowance } from './egress-allowance';

const allowance = (entries: string): EgressAllowance => {
  const parsed = EgressAllowance.parse(entries);
  if (!parsed) throw new Error(`${entries} is not taken.`);
  return parsed;
};

/** Whether a request to this URL may go to this address. */
function isAllowed(entries: string, url: string, address?: string): boolean {
  const { protocol, hostname, port } = new URL(url);
  const encrypted = protocol === 'https:';
  const target = {
    encrypted,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (encrypted ? 443 : 80)),
  };
  const rules = entries ? allowance(entries) : EgressAllowance.nothing;
  return rules.refusal(target, address) === undefined;
}

describe('what is allowed', () => {
  it.each<[string, string, string | undefined, boolean]>([
    // the public internet, encrypted, at a port where HTTP may be
    ['', 'https://a.example', '8.8.8.8', true],
    ['', 'https://a.example', undefined, true],
    ['', 'https://a.example:8443', '2606::1', true],
    ['', 'https://a.example:1024', '8.8.8.8', true],
    ['', 'https://a.example:1023', '8.8.8.8', false],
    ['', 'https://a.example', '10.0.0.1', false],
    ['', 'http://a.example', '8.8.8.8', false],
    ['', 'http://a.example:8080', undefined, false],
    ['', 'https://a.internal', '8.8.8.8', false],
    // a name, wherever it leads
    ['a.internal', 'https://a.internal', '10.0.0.1', true],
    ['A.Internal', 'https://a.internal', undefined, true],
    ['a.internal', 'https://a.internal:8443', '10.0.0.1', true],
    ['a.internal', 'https://a.internal:22', '10.0.0.1', false],
    ['a.internal', 'http://a.internal', '10.0.0.1', false],
    ['a.internal', 'https://b.a.internal', '10.0.0.1', false],
    ['a.internal:22', 'https://a.internal:22', '10.0.0.1', true],
    ['a.internal:22', 'https://a.internal', '10.0.0.1', false],
    ['localhost', 'https://localhost', '127.0.0.1', true],
    // a network, under whatever name
    ['10.1.0.0/16', 'https://a.example', '10.1.255.255', true],
    ['10.1.0.0/16', 'https://a.internal', '10.1.0.1', true],
    ['10.1.0.0/16', 'https://a.example', '10.2.0.0', false],
    ['10.1.2.3', 'https://10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.4', '10.1.2.4', false],
    ['10.1.2.3:8085', 'https://10.1.2.3', '10.1.2.3', false],
    ['10.1.2.3:8085', 'https://10.1.2.3:8085', '10.1.2.3', true],
    ['10.1.2.3:8085', 'http://10.1.2.3:8085', '10.1.2.3', false],
    ['[fd00::/8]', 'https://a.example', 'fd12::1', true],
    ['[fd00::/8]', 'https://a.example', 'fc12::1', false],
    ['[fd00::/8]', 'https://a.example', '10.0.0.1', false],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443', 'fd00::1', true],
    // unencrypted, where it is said
    ['http://10.1.2.3', 'http://10.1.2.3', '10.1.2.3', true],
    ['http://10.1.2.3', 'https://10.1.2.3', '10.1.2.3', true],
    ['http://10.1.2.3', 'http://10.1.2.3:81', '10.1.2.3', false],
    ['http://10.1.2.3:8085', 'http://10.1.2.3:8085', '10.1.2.3', true],
    ['http://10.1.2.3:8085', 'http://10.1.2.3', '10.1.2.3', false],
    ['http://10.1.2.3', 'http://a.example', '8.8.8.8', false],
    ['http://a.example', 'http://a.example', '8.8.8.8', true],
    // each entry for itself
    ['http://10.1.2.3:80,10.9.0.0/16', 'http://10.9.0.1', '10.9.0.1', false],
    [' 10.1.2.3 , b.internal ', 'https://b.internal', '10.0.0.1', true],
    ['10.1.2.3', 'https://a.example', '8.8.8.8', true],
  ])('with "%s": %s at %s: %s', (entries, url, address, expected) => {
    expect(isAllowed(entries, url, address)).toBe(expected);
  });
});

describe('an entry', () => {
  it.each(
    [
      [
        '',
        ',',
        'a.example,',
        '*',
        '*.example.com',
        'https://a.example',
        'ftp://a.example',
        'a.example/path',
        'a example',
      ],
      ['10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '10.0.0.256', '127.1', '0x7f.1', '10.0.0.0/8/8', '010.0.0.1'],
      ['fd00::/8', '[fd00::/129]', '[fd00::/8', '[10.0.0.1]', '[::1%lo]', '[a.example]', '[]'],
      [
        'a.example:',
        'a.example:0',
        'a.example:65536',
        'a.example:x',
        'a..example',
        '.example',
        'user@a.example',
      ],
    ].flat(),
  )('is not %j', (entry) => expect(EgressAllowance.parse(entry)).toBeUndefined());
});
