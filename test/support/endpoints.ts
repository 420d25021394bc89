import type { Person } from './app';

export type ReceivedEvent = Readonly<{ endpointId: string; eventId: string }>;

/** An endpoint of this person's tenant, and an event for it. In most tests no worker delivers it. */
export async function receiveEvents(person: Person): Promise<ReceivedEvent> {
  const made = await person.post('/v1/webhook-endpoints', { url: 'https://hooks.acme.example/redress' });
  const { id } = await person.raise();
  const { body } = await person.get(`/v1/exceptions/${id}/history`);
  return { endpointId: made.body.id, eventId: body.items[0].id };
}
