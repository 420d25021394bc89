import { isProxyUrl } from '@redress/connectors';
import { masked } from '@redress/typeorm';
import { hostName, type Parser } from './parsers';

export const proxyUrl: Parser<string> = {
  isSecret: true,
  accepts: 'an `http://` or `https://` URL, with user name and password where the proxy asks for them',
  parse: (value) => (isProxyUrl(value) ? value : undefined),
  show: masked,
};

export const hostNames: Parser<readonly string[]> = {
  accepts: 'a list, separated by commas, of host names and IP addresses, such as `corp.internal,10.1.2.3`',
  parse(value) {
    const names = value.split(',').map((name) => name.trim().toLowerCase());
    return names.every((name) => hostName.parse(name.replace(/^\./, ''))) ? names : undefined;
  },
};
