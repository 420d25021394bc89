import { Egress, EgressAllowance, type EgressProxy } from '@redress/connectors';
import { isLoopback } from '../config/parsers';
import { maxKeySetBytes, type GetText } from './jwks';

/** Gets the keys of the issuer through the proxy of the service; undefined where they are got directly. */
export function proxiedKeys(jwksUrl: string, proxy: EgressProxy | undefined): GetText | undefined {
  const { hostname, host } = new URL(jwksUrl);
  if (!proxy?.serves(hostname) || isLoopback(hostname)) return undefined;
  // The operator named the issuer, so it may be anywhere.
  const allow = EgressAllowance.parse(host) ?? EgressAllowance.nothing;
  const egress = new Egress({ allow, userAgent: 'Redress', proxy });
  return async (url, signal, headers) => {
    const maxAnswerBytes = maxKeySetBytes + 1;
    const answer = await egress.request({ method: 'GET', url: url.href, headers, signal, maxAnswerBytes });
    if (answer.kind !== 'answer') throw new Error(answer.problem);
    return { status: answer.status, text: answer.body };
  };
}
