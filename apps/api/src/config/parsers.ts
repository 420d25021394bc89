import { BlockList, isIP } from 'node:net';
import { money, severities, type LookupPolicies, type Policy, type ResidualTolerance } from '@redress/domain';
import { defaultLookupPolicies } from '@redress/domain/integrations';
import { EgressAllowance, isConnectionUrl, isWebhookSecret } from '@redress/connectors';
import { masked } from '@redress/typeorm';

/** How the text of a variable becomes a value. */
export interface Parser<T> {
  /** The accepted values, as the end of "must be …": part of the error message and of the documentation. */
  readonly accepts: string;
  /** Undefined when the text is wrong. */
  parse(text: string): T | undefined;
  /** How a value that may hold a secret is shown. A wrong text of such a variable is never repeated. */
  show?(value: T): string;
  /** Whether the value may be, or hold, a secret: the variable can then be given as a file, too. */
  readonly isSecret?: true;
}

export const integer = (from: number, to: number): Parser<number> => ({
  accepts: `a whole number from ${from} to ${to}`,
  parse: (text) => (/^\d{1,15}$/.test(text) && +text >= from && +text <= to ? +text : undefined),
});

export const oneOf = <const T extends string>(...values: readonly T[]): Parser<T> => ({
  accepts: `one of ${values.map((value) => `\`${value}\``).join(', ')}`,
  parse: (text) => values.find((value) => value === text),
});

export const flag = (yes: string, no: string): Parser<boolean> => ({
  accepts: `\`${yes}\` or \`${no}\``,
  parse: (text) => (text === yes ? true : text === no ? false : undefined),
});

export const text: Parser<string> = { accepts: 'a text', parse: (value) => value };

export const hostName: Parser<string> = {
  accepts: 'a host name or an IP address',
  parse: (value) => (isIP(value) || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value) ? value : undefined),
};

export const secret: Parser<string> = {
  isSecret: true,
  accepts: 'a secret of at least 32 bytes, such as `openssl rand -base64 48` prints',
  parse: (value) => (Buffer.byteLength(value) >= 32 ? value : undefined),
  show: () => '***',
};

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family ? loopback.check(address, family === 4 ? 'ipv4' : 'ipv6') : address === 'localhost';
}

export const postgresUrl: Parser<string> = {
  isSecret: true,
  accepts: 'a `postgres://` or `postgresql://` URL, special characters of its password percent-encoded',
  parse(value) {
    try {
      // The driver decodes its parts, and would fail on a lone % with nothing but "URI malformed".
      decodeURIComponent(value);
      return /^postgres(ql)?:$/.test(new URL(value).protocol) ? value : undefined;
    } catch {
      return undefined;
    }
  },
  show: masked,
};

export const jwksUrl: Parser<string> = {
  accepts: 'an `https://` URL, or `http://` on this machine',
  parse(value) {
    if (!URL.canParse(value)) return undefined;
    const { protocol, hostname } = new URL(value);
    return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)) ? value : undefined;
  },
  show: masked,
};

/** In hexadecimal or base64; both spell 32 bytes in one way only. */
function keyBytes(value: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex');
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === value ? bytes : undefined;
}

export const sealingKey: Parser<Buffer> = {
  isSecret: true,
  accepts: '32 random bytes in base64 or hexadecimal, such as `openssl rand -base64 32` prints',
  parse: keyBytes,
  show: () => '***',
};

export const sealingKeys: Parser<readonly Buffer[]> = {
  isSecret: true,
  accepts: 'such keys, separated by commas',
  parse(value) {
    const keys = value.split(',').map((key) => keyBytes(key.trim()));
    return keys.every((key) => key !== undefined) ? keys : undefined;
  },
  show: (keys) => keys.map(() => '***').join(','),
};

export const tenant: Parser<string> = {
  accepts: 'a tenant as tokens name it: 1 to 128 letters, digits or the characters . _ : @ -',
  parse: (value) => (/^[A-Za-z0-9._:@-]{1,128}$/.test(value) ? value : undefined),
};

export const connectionUrl: Parser<string> = {
  accepts: 'a URL with no user name, password or fragment',
  parse: (value) => (isConnectionUrl(value) ? value : undefined),
  show: masked,
};

export const webhookSecret: Parser<string> = {
  isSecret: true,
  accepts: '`whsec_` and 24 to 64 bytes in base64',
  parse: (value) => (isWebhookSecret(value) ? value : undefined),
  show: () => '***',
};

const isNetwork = (value: string): boolean => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (!family || rest.length) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= (family === 4 ? 32 : 128));
};

export const proxies: Parser<boolean | number | string[]> = {
  accepts:
    '`true`, `false`, the number of proxies in front, or their addresses (CIDR too) separated by commas',
  parse(value) {
    if (value === 'true' || value === 'false') return value === 'true';
    if (/^\d{1,2}$/.test(value)) return +value;
    const networks = value.split(',').map((network) => network.trim());
    return networks.every(isNetwork) ? networks : undefined;
  },
};

export const egressAllowance: Parser<EgressAllowance> = {
  accepts:
    'a list, separated by commas, of host names and networks, such as ' +
    '`jira.corp.internal:8443`, `10.1.0.0/16`, `[fd00::/8]` or, for unencrypted requests too, `http://127.0.0.1:8085`',
  parse: (value) => EgressAllowance.parse(value),
  show: String,
};

const json = <T>(accepts: string, isValid: (value: unknown) => boolean): Parser<T> => ({
  accepts,
  parse(value) {
    try {
      const parsed: unknown = JSON.parse(value);
      return isValid(parsed) ? (parsed as T) : undefined;
    } catch {
      return undefined;
    }
  },
});

type Members = Readonly<Record<string, (value: unknown) => boolean>>;

/** Exactly these members: a misspelt one would otherwise be a rule that silently does not apply. */
const isObjectOf = (value: unknown, members: Members): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === Object.keys(members).length &&
  Object.entries(members).every(([name, isValid]) => isValid((value as Record<string, unknown>)[name]));

const isNumber = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isSeverity = (value: unknown): boolean => severities.some((severity) => severity === value);
/** Ten years: a longer time is taken for a mistake in the unit. */
const isHours = (value: unknown): boolean => isNumber(value) && Number(value) > 0 && Number(value) <= 87_600;

export const severityRules = json<Policy['severityRules']>(
  'a JSON array of `{"severity": "HIGH", "amountFrom": 10000, "ageHoursFrom": 72}`, both numbers at least 0',
  (value) =>
    Array.isArray(value) &&
    value.every((rule) =>
      isObjectOf(rule, { severity: isSeverity, amountFrom: isNumber, ageHoursFrom: isNumber }),
    ),
);

export const dueHours = json<Policy['dueHours']>(
  'a JSON object with a number of hours, above 0 and up to 87600, for each of `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`',
  (value) => isObjectOf(value, Object.fromEntries(severities.map((severity) => [severity, isHours]))),
);

export const flagHours = json<Policy['flagAfterHours']>(
  'a JSON object with a number of hours, above 0 and up to 87600, for each of `external`, `ledger`',
  (value) => isObjectOf(value, { external: isHours, ledger: isHours }),
);

const plainDecimal = /^(0|[1-9]\d*)(\.\d+)?$/;

/** `EUR=0.05`: an amount of that currency, to the digit. */
function toleranceFor(entry: string): readonly [currency: string, amount: string] | undefined {
  const [currency = '', amount = '', ...rest] = entry.split('=').map((part) => part.trim());
  if (rest.length || !plainDecimal.test(amount) || amount.length > 32) return undefined;
  return currency === '*' || money(amount, currency).ok ? [currency, amount] : undefined;
}

export const residualTolerance: Parser<ResidualTolerance> = {
  accepts:
    'a list, separated by commas, of amounts by currency, each once, and `*` for all others, such as `EUR=0.05,JPY=5,*=0`',
  parse(text) {
    const entries = text.split(',').map(toleranceFor);
    if (!entries.every((entry) => entry !== undefined)) return undefined;
    const tolerance = Object.fromEntries(entries);
    return Object.keys(tolerance).length === entries.length ? tolerance : undefined;
  },
};

export const linkTemplate: Parser<string> = {
  accepts: 'an `https://` or `http://` URL with `{id}` in it',
  parse: (value) => (/^https?:\/\/[^\s]*\{id\}/.test(value) && URL.canParse(value) ? value : undefined),
};

/** A day at most: a system whose search hides new tickets for longer cannot settle whether a ticket exists. */
const isSettling = (value: unknown): boolean => isNumber(value) && Number(value) <= 86_400;
const seconds = json<Readonly<{ JIRA: number; SERVICENOW: number }>>(
  'a JSON object with a number of seconds, up to 86400, for each of `JIRA`, `SERVICENOW`',
  (value) => isObjectOf(value, { JIRA: isSettling, SERVICENOW: isSettling }),
);

export const settleSeconds: Parser<LookupPolicies> = {
  accepts: seconds.accepts,
  parse(text) {
    const given = seconds.parse(text);
    if (!given) return undefined;
    const { JIRA, SERVICENOW } = defaultLookupPolicies;
    return {
      ...defaultLookupPolicies,
      JIRA: { ...JIRA, settleMs: given.JIRA * 1000 },
      SERVICENOW: { ...SERVICENOW, settleMs: given.SERVICENOW * 1000 },
    };
  },
  show: ({ JIRA, SERVICENOW }) =>
    JSON.stringify({ JIRA: JIRA.settleMs / 1000, SERVICENOW: SERVICENOW.settleMs / 1000 }),
};
