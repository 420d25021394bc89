import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispatchLifecycle } from './dispatch/dispatch.lifecycle';
import { disputeLifecycle } from './dispute/dispute.lifecycle';
import { exceptionLifecycle } from './exception/exception.lifecycle';
import { toMermaid, type Lifecycle } from './lifecycle';
import { deliveryLifecycle } from './webhook/delivery.lifecycle';

const page = readFileSync(join(__dirname, '../../../docs/lifecycles.md'), 'utf8');

/** The lines of the diagram under a heading, in alphabetical order: a picture has no first arrow. */
const drawn = (heading: string): string[] => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const [, diagram = ''] = /```mermaid\n([^]*?)\n```/.exec(section) ?? [];
  return diagram.split('\n').sort();
};

const decided = (lifecycle: Lifecycle<string, string>): string[] => toMermaid(lifecycle).split('\n').sort();

describe('the diagrams in docs/lifecycles.md', () => {
  it('show what can happen to an exception', () => {
    expect(decided(exceptionLifecycle)).toEqual(drawn('Exception'));
  });

  it('show what can happen to a dispatch', () => {
    expect(decided(dispatchLifecycle)).toEqual(drawn('Dispatch'));
  });

  it('show what can happen to a dispute', () => {
    expect(decided(disputeLifecycle)).toEqual(drawn('Dispute'));
  });

  it('show what can happen to a delivery', () => {
    expect(decided(deliveryLifecycle)).toEqual(drawn('Delivery'));
  });
});
