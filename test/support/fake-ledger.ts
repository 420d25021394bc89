import type { Posting, SendResult } from '@redress/domain';

/** How it takes what it is asked next, and what the asker hears of it. */
export const behaviours = [
  'books it',
  'books it slowly',
  'refuses it',
  'accepts it and books it',
  'accepts it and refuses it',
  'is not reached',
  'never gets it',
  'gets it late',
  'books it unheard',
  'turns it away',
  'turns whoever asks away',
] as const;
export type Behaviour = (typeof behaviours)[number];

type Decision = Readonly<{ posting: Posting } & ({ reference: string } | { problem: string })>;
/** What a ledger tells of a posting by itself. */
export type Telling = Readonly<{ id: string } & ({ reference: string } | { problem: string })>;

/**
 * A customer's own ledger, as the contract demands: it decides on an id once, and answers the same whenever it is asked
 * again. What goes wrong on the way there and back is described by its behaviour.
 */
export class FakeLedger {
  /** Everything that was ever booked, in its order. */
  readonly entries: { id: string; posting: Posting }[] = [];
  /** What it is going to tell by itself, and may tell again; what has not arrived yet. */
  readonly tellings: Telling[] = [];
  private readonly late: [string, Posting][] = [];
  private readonly decided = new Map<string, Decision>();

  constructor(private readonly plan: Behaviour[] = []) {}

  /** Whether the answer to what it is asked next will be long in coming. */
  isSlow(): boolean {
    return this.plan[0] === 'books it slowly';
  }

  post(id: string, posting: Posting): SendResult {
    const known = this.decided.get(id);
    switch (this.plan.shift() ?? 'books it') {
      case 'books it':
      case 'books it slowly':
        return answered(known ?? this.book(id, posting));
      case 'refuses it':
        return answered(known ?? this.refuse(id, posting));
      case 'accepts it and books it':
        this.tell(id, known ?? this.book(id, posting));
        return { outcome: 'accepted', problem: 'It will answer.' };
      case 'accepts it and refuses it':
        this.tell(id, known ?? this.refuse(id, posting));
        return { outcome: 'accepted', problem: 'It will answer.' };
      case 'is not reached':
        return { outcome: 'not_sent', problem: 'Nobody listens there.' };
      case 'never gets it':
        return { outcome: 'unknown', problem: 'The connection broke.' };
      case 'gets it late':
        this.late.push([id, posting]);
        return { outcome: 'unknown', problem: 'It took too long.' };
      case 'books it unheard':
        if (!known) this.book(id, posting);
        return { outcome: 'unknown', problem: 'The answer broke off.' };
      case 'turns it away':
        return { outcome: 'not_sent', problem: 'It answered 429.', retryAfterMs: 120_000 };
      case 'turns whoever asks away':
        return { outcome: 'refused', problem: 'It answered 401.', unseen: true };
    }
  }

  /** Whether an operator finds it in the ledger; undefined while it may still arrive. */
  has(id: string): boolean | undefined {
    if (this.entries.some((entry) => entry.id === id)) return true;
    return this.late.some(([late]) => late === id) ? undefined : false;
  }

  /** What was on its way for long gets there. */
  arrive(): void {
    for (const [id, posting] of this.late.splice(0)) if (!this.decided.has(id)) this.book(id, posting);
  }

  /** Nothing goes wrong any more. */
  recover(): void {
    this.plan.length = 0;
    this.arrive();
  }

  private book(id: string, posting: Posting): Decision {
    this.entries.push({ id, posting });
    return this.decide(id, { posting, reference: `L-${this.entries.length}` });
  }

  private refuse(id: string, posting: Posting): Decision {
    return this.decide(id, { posting, problem: 'The period is closed.' });
  }

  private decide(id: string, decision: Decision): Decision {
    this.decided.set(id, decision);
    return decision;
  }

  private tell(id: string, { posting: _posting, ...decision }: Decision): void {
    this.tellings.push({ id, ...decision });
  }
}

const answered = (decision: Decision): SendResult =>
  'reference' in decision
    ? { outcome: 'created', reference: decision.reference }
    : { outcome: 'refused', problem: decision.problem };
