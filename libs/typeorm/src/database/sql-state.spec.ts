import { outageOf } from './outage';
import { busyStates } from './pool-shares';
import { dropsSession, isConnectionError, isReadOnly, isStatementError } from './sql-state';

const raised = (code: string) => Object.assign(new Error('refused'), { code });

describe('an error of the server', () => {
  it.each([
    ['57P01', 'shutdown'],
    ['57P03', 'start-up or recovery'],
    ['08006', 'a connection that broke'],
    ['08P99', 'a code of the class that we have not heard of'],
    ['25P03', 'a session that the server ended'],
    ['53300', 'too many connections'],
    ['28P01', 'a password that is not accepted'],
    ['3D000', 'a database that is not there'],
  ])('%s, %s: the session is lost and a new one may help', (code) => {
    expect(outageOf(raised(code))).toMatch(/cannot be reached/);
    expect([dropsSession(code), isConnectionError(raised(code)), isStatementError(raised(code))]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('25006, a server that does not write: the session is left, a new one may help, nothing was written', () => {
    const error = raised('25006');
    expect(outageOf(error)).toMatch(/accepts no changes/);
    expect([dropsSession('25006'), isConnectionError(error), isReadOnly(error)]).toEqual([true, true, true]);
  });

  it.each([
    ['57014', /too long/],
    ['40001', /Too many others/],
    ['40P01', /Too many others/],
    ['55P03', /Too many others/],
    ['RD001', /Too many others/],
    ['53100', /out of resources/],
    ['53200', /out of resources/],
    [busyStates.tenant, /Other requests of this tenant/],
    [busyStates.heavy, /Too many summaries/],
    [busyStates.all, /All database connections/],
  ])('%s: the session is as good as before, the request can succeed later', (code, sentence) => {
    expect(outageOf(raised(code))).toMatch(sentence);
    expect([dropsSession(code), isConnectionError(raised(code)), isStatementError(raised(code))]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it.each(['25P02', 'XX000', '26000', '0A000'])('%s: a bug, and the session is not trusted again', (code) => {
    expect([outageOf(raised(code)), dropsSession(code)]).toEqual([undefined, true]);
  });

  // RD002 is raised by the triggers that keep the past as it was.
  it.each(['23505', '42601', '22P02', '42501', 'RD002'])('%s: the statement alone was refused', (code) => {
    expect([outageOf(raised(code)), isStatementError(raised(code))]).toEqual([undefined, true]);
  });
});

describe('an error without an SQLSTATE', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH'])(
    '%s: the connection is lost',
    (code) => expect(isConnectionError(raised(code))).toBe(true),
  );

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    'of the driver, %s: the connection is lost',
    (message) => expect(isConnectionError(new Error(message))).toBe(true),
  );

  it.each([new TypeError('x is not a function'), undefined, null, 'text'])('%s: a bug', (error) => {
    expect([outageOf(error), isStatementError(error)]).toEqual([undefined, false]);
  });
});
