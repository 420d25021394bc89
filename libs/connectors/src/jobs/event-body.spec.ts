import { eventBody, maxBodyBytes } from './event-body';

const event = {
  id: '019c96a0-10d2-7134-ba5f-664142ee7052',
  type: 'exception.assigned',
  exceptionId: '019c96a0-10ce-75fc-a273-dc799079a99c',
  version: 2,
  actor: 'ana',
  at: '2025-01-15T10:30:00.000Z',
  changes: { assignedTo: { to: 'ben' } },
  data: { more: 'x' },
};

describe('the body of an event', () => {
  it('is the event, with its type and time', () => {
    expect(JSON.parse(eventBody(JSON.stringify(event)))).toEqual({
      type: event.type,
      timestamp: event.at,
      data: event,
    });
  });

  it('leaves out what makes it too long, in bytes, and says so', () => {
    const longest = 'é'.repeat((maxBodyBytes - Buffer.byteLength(eventBody(JSON.stringify(event))) + 3) / 2);
    const fits = { ...event, changes: { assignedTo: { to: longest } } };
    expect(JSON.parse(eventBody(JSON.stringify(fits))).data).toEqual(fits);
    const tooLong = { ...event, changes: { assignedTo: { to: `${longest}é` } } };
    const { changes: _changes, data: _data, ...rest } = event;
    expect(JSON.parse(eventBody(JSON.stringify(tooLong))).data).toEqual({
      ...rest,
      changed: ['assignedTo'],
      truncated: true,
    });
  });
});
