import { isProxyUrl } from '@redress/connectors';
import { masked } from '@redress/typeorm';
import { hostName, type Parser } from './parsers';

export const proxyUrl: Parser<string> = {
  isSecret: true,
  accepts: 'an `http://` or `https://` URL, with user name and password where the proxy asks for them',
  parse: (value) => (isProxyUrl(value) ? value : undefined),
  show: masked,
};

export const origins: Parser<readonly string[]> = {
  accepts:
    'a list, separated by commas, of origins, such as `https://desk.example.com,http://localhost:5173`',
  parse(value) {
    const given = value.split(',').map((origin) => origin.trim());
    const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
    return given.every(isOrigin) ? given : undefined;
  },
};

export const hostNames: Parser<readonly string[]> = {
  accepts: 'a list, separated by commas, of host names and IP addresses, such as `corp.internal,10.1.2.3`',
  parse(value) {
    const names = value.split(',').map((name) => name.trim().toLowerCase());
    return names.every((name) => hostName.parse(name.replace(/^\./, ''))) ? names : undefined;
  },
};
