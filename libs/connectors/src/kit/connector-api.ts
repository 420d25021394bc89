/** A header of an inbound message, for the API document. */
export type InboundHeader = Readonly<{ name: string; description: string; required: boolean }>;

/** A JSON object for the API document: its name there, and the JSON Schema of each member as OpenAPI 3.0 has it. */
export type MessageSchema = Readonly<{
  name: string;
  members: Readonly<
    Record<
      string,
      Readonly<{ optional?: boolean; of?: MessageSchema; schema?: Readonly<Record<string, unknown>> }>
    >
  >;
}>;

/** How a service presents a connector: in the routes that connect to the system and take its messages, and their document. */
export type ConnectorApi = Readonly<{
  /** In names of operations and schemas: `Jira` makes `putJiraConnection`. */
  name: string;
  /** In sentences, such as "Connect to a ledger". */
  system: string;
  /** What to know about its settings, in sentences. */
  settings: string;
  inbound: Readonly<{
    /** The sender in sentences, where it is not called as the system is. */
    sender?: string;
    /** How its messages come, in sentences. */
    how: string;
    headers: readonly InboundHeader[];
    /** What it sends; for messages that the system documents itself, a description will do. */
    message: MessageSchema | Readonly<{ description: string }>;
  }>;
}>;

/** The headers of Standard Webhooks. */
export const standardWebhookHeaders: readonly InboundHeader[] = [
  { name: 'webhook-id', description: 'The same whenever this is sent again.', required: true },
  {
    name: 'webhook-timestamp',
    description: 'Seconds since 1970, at most five minutes from now.',
    required: true,
  },
  {
    name: 'webhook-signature',
    description: '`v1,` and the HMAC of id, time and body, joined by dots, in base64.',
    required: true,
  },
];
