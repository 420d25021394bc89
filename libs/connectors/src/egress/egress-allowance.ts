import { type BlockList, isIP } from 'node:net';
import { closestNetworks, isLocalName, isPublicAddress, networks } from './egress-address';

/** Where a request wants to go. The host name is as the URL parser writes it, without brackets and final dots. */
export type EgressTarget = Readonly<{ encrypted: boolean; hostname: string; port: number }>;

type Rule = Readonly<{ unencrypted: boolean; host: string | Network; port: number | undefined }>;
type Network = Readonly<{ address: string; members: BlockList }>;

/** What the operator allows besides the public internet. The rules themselves are in `refusal`. */
export class EgressAllowance {
  /** Allows nothing besides the public internet. */
  static readonly nothing = new EgressAllowance('', []);

  private constructor(
    private readonly text: string,
    private readonly rules: readonly Rule[],
  ) {}

  /** Entries separated by commas, such as `10.1.0.0/16`, `jira.corp.internal:8443` or `http://127.0.0.1:8085`. */
  static parse(text: string): EgressAllowance | undefined {
    const rules = text.split(',').map((entry) => parseRule(entry.trim()));
    return rules.every((rule) => rule !== undefined) ? new EgressAllowance(text, rules) : undefined;
  }

  /**
   * Why no request may go there, as the end of a sentence; undefined when it may. Without an address it says whether
   * there is any point in asking what the name resolves to, with one whether to connect to it.
   */
  refusal(target: EgressTarget, address?: string): string | undefined {
    if (this.rules.some((rule) => covers(rule, target, address))) return undefined;
    if (!target.encrypted) return 'only https is allowed';
    if (!isOpenPort(target.port)) return `port ${target.port} is not allowed`;
    if (isLocalName(target.hostname)) return 'it is a name of a local network';
    if (address !== undefined && !isPublicAddress(address)) return 'it is not on the public internet';
    return undefined;
  }

  /** Whether an entry names this host, so that it may lead anywhere. */
  namesHost(target: EgressTarget): boolean {
    return this.rules.some((rule) => typeof rule.host === 'string' && covers(rule, target, undefined));
  }

  /** Whether an entry leads to this machine or to the metadata of its cloud. */
  get includesThisMachine(): boolean {
    return this.rules.some(({ host }) =>
      typeof host === 'string' ? host === 'localhost' || host.endsWith('.localhost') : isClose(host),
    );
  }

  /** Whether an entry allows plain HTTP. */
  get includesUnencrypted(): boolean {
    return this.rules.some(({ unencrypted }) => unencrypted);
  }

  /** The entries, as they were parsed. */
  toString(): string {
    return this.text;
  }
}

/** Others below 1024 belong to services that speak no HTTP, and what is sent there could mean something to them. */
const isOpenPort = (port: number): boolean => port === 443 || port >= 1024;

function covers(rule: Rule, target: EgressTarget, address: string | undefined): boolean {
  if (!target.encrypted && !rule.unencrypted) return false;
  const isPort =
    rule.port === undefined ? isOpenPort(target.port) || target.port === 80 : rule.port === target.port;
  if (!isPort) return false;
  if (typeof rule.host === 'string') return rule.host === target.hostname;
  return address === undefined || rule.host.members.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

const closest = networks(closestNetworks);

/** Two networks overlap exactly when one of them contains the first address of the other. */
const isClose = ({ address, members }: Network): boolean =>
  [address, ...closestNetworks.map(([first]) => first)].some(
    (first) => contains(members, first) && contains(closest, first),
  );

const contains = (list: BlockList, address: string): boolean =>
  list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

const entryPattern = /^(http:\/\/)?(?:\[([\da-f:.]+(?:\/\d+)?)\]|([^[\]:]+))(?::(\d{1,5}))?$/i;
/** No name ends in a number: that would be a misspelt address, and a rule that never applies. */
const namePattern = /^([a-z0-9_-]+\.)*[a-z][a-z0-9-]*$/;

function parseRule(entry: string): Rule | undefined {
  const [matched, plain, bracketed, bare = '', port]: (string | undefined)[] =
    entryPattern.exec(entry.toLowerCase()) ?? [];
  if (matched === undefined || (port !== undefined && (+port < 1 || +port > 65_535))) return undefined;
  const host = namePattern.test(bare)
    ? bare
    : parseNetwork(bracketed ?? bare, bracketed === undefined ? 4 : 6);
  if (host === undefined) return undefined;
  return { unencrypted: plain !== undefined, host, port: port === undefined ? undefined : +port };
}

function parseNetwork(text: string, family: 4 | 6): Network | undefined {
  const most = family === 4 ? 32 : 128;
  const [address = '', bits = `${most}`, ...rest] = text.split('/');
  if (isIP(address) !== family || rest.length || !/^\d{1,3}$/.test(bits) || +bits > most) return undefined;
  return { address, members: networks([[address, +bits]]) };
}
