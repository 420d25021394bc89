/**
 * The order in which due jobs of all tenants are run: the lower number first. Money and people that wait come before events.
 * The gaps leave room for `tenantShare`.
 */
export const jobPriority = { posting: 0, deadline: 100, dispatch: 200, deliver: 300 } as const;

/**
 * Fair share: each job that a tenant has waiting already puts its next one back by one place, up to so many, so that the
 * first job of another tenant does not wait for all of them.
 */
export const tenantShare = 99;
