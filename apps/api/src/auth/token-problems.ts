import { Problem } from '../problems/problem';

/** The answer to an invalid token. `why` is sent to the client, so it never contains what was expected. */
export const refusedToken = (why: string): Problem =>
  new Problem('unauthorized', why, undefined, {
    'www-authenticate': `Bearer error="invalid_token", error_description="${why}"`,
  });

/** Without any token RFC 6750 wants the bare challenge: there is no error to describe yet. */
export const noToken = (): Problem =>
  new Problem('unauthorized', 'Send a token in the header Authorization: Bearer <token>.', undefined, {
    'www-authenticate': 'Bearer',
  });

export const notSigned = 'The token is not signed for this service.';
