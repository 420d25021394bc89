import { ForbiddenException, HttpException, NotFoundException } from '@nestjs/common';
import { foreignStatus, problemOfStatus } from './foreign-errors';

const withStatus = (statusCode: unknown) => Object.assign(new Error('Inside.'), { statusCode });
const withCode = (code: string) => Object.assign(new Error('Inside.'), { code });

describe('the status of an error that is not ours', () => {
  it.each([400, 404, 405, 412, 416, 418, 429, 499])('is passed on when it is %i', (status) => {
    for (const error of [withStatus(status), new HttpException('Inside.', status)]) {
      expect(foreignStatus(error, false)).toBe(status);
      expect(foreignStatus(error, true)).toBe(status);
    }
  });

  it.each([200, 302, 399, 500, 503, 599, '404', undefined, NaN])('is 500 when it is %p', (status) => {
    expect(foreignStatus(withStatus(status), true)).toBe(500);
  });

  it('is 404 where a file may not be read, and 403 where a guard says no', () => {
    expect(foreignStatus(withStatus(403), true)).toBe(404);
    expect(foreignStatus(new ForbiddenException(), false)).toBe(403);
    expect(foreignStatus(new NotFoundException(), false)).toBe(404);
  });

  it.each(['ENOENT', 'ENAMETOOLONG', 'ENOTDIR', 'ERR_INVALID_ARG_VALUE'])(
    'is 404 for %s where files are served, and a bug of ours elsewhere',
    (code) => {
      expect(foreignStatus(withCode(code), true)).toBe(404);
      expect(foreignStatus(withCode(code), false)).toBe(500);
    },
  );

  it('is 404 for a path that cannot be decoded, and a bug of ours elsewhere', () => {
    expect(foreignStatus(new URIError(), true)).toBe(404);
    expect(foreignStatus(new URIError(), false)).toBe(500);
  });

  it.each([null, undefined, 'text', 42, {}, new TypeError('x'), withCode('EACCES'), withCode('EMFILE')])(
    'is 500 for %p, wherever it comes from',
    (error) => {
      expect(foreignStatus(error, true)).toBe(500);
      expect(foreignStatus(error, false)).toBe(500);
    },
  );
});

describe('what is said of a status', () => {
  it.each([
    [404, 404, 'route_not_found'],
    [405, 405, 'invalid_request'],
    [414, 400, 'invalid_request'],
    [416, 416, 'range_not_satisfiable'],
    [500, 500, 'internal_error'],
    [503, 500, 'internal_error'],
    [0, 500, 'internal_error'],
  ])('%i becomes %i %s', (given, status, title) => {
    expect(problemOfStatus(given)).toMatchObject({ status, title, message: expect.stringMatching(/\.$/) });
  });
});
