import type { ApprovalRules, SettingVersion } from '@redress/domain';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

type Wire = Record<string, unknown>;
type PolicyVersion = SettingVersion<ApprovalRules>;

export const policyBody = (version: PolicyVersion): Wire => ({ ...version });

/** 202 while the change that was put awaits other people. */
export const putPolicyAnswer = (policy: PolicyVersion): HttpAnswer => {
  const { status, headers, body } = policyAnswer(policy);
  return new HttpAnswer(policy.proposed ? 202 : status, headers, body);
};

/** Without one, nothing takes approval. */
export const policyAnswer = (policy: PolicyVersion | undefined): HttpAnswer =>
  HttpAnswer.json(200, policy ? policyBody(policy) : { version: 0, rules: [] }, {
    etag: etag(policy?.version ?? 0),
  });
