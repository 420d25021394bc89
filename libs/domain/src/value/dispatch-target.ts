/** Where people dispatch an exception to. MANUAL is a person who is informed outside of this software. */
export const dispatchTargets = ['JIRA', 'SERVICENOW', 'WEBHOOK', 'MANUAL'] as const;
/** A target that people dispatch an exception to. */
export type DispatchTarget = (typeof dispatchTargets)[number];
