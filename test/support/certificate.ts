/**
 * A certificate that nobody trusts who was not told to, for hooks.example.com and 127.0.0.1, good from 2020 to 2120.
 * Its key is public: it proves nothing.
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBdjCCAR2gAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1SZWRyZXNz
IHRlc3RzMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA1SZWRyZXNzIHRlc3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzptn
IKhunWlPHpwWa4mJNiIjuekIXm3HrsVErWhu8uv6i92NP9WtiSHk+uQtV0q3BtAg
TCspW/yvqujvzli5l6NWMFQwDwYDVR0TAQH/BAUwAwEB/zAiBgNVHREEGzAZghFo
b29rcy5leGFtcGxlLmNvbYcEfwAAATAdBgNVHQ4EFgQU1Xkh9gUSuwGLIuylCtqW
1qJjRjAwCgYIKoZIzj0EAwIDRwAwRAIgMcW3JfocokA41sHNrvHFcc+Abl1QC4ZB
7D7lEnH0hYUCIGbd215cc+EhpA1wvTEG/GOfWiAFTimU+7nHTvTBs0Ne
-----END CERTIFICATE-----
`;

export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGecYSj1D0Kp9S/ht
nL/0kzX9fyKAZOI6U8yigfuE5EGhRANCAATOm2cgqG6daU8enBZriYk2IiO56Qhe
bceuxUStaG7y6/qL3Y0/1a2JIeT65C1XSrcG0CBMKylb/K+q6O/OWLmX
-----END PRIVATE KEY-----
`;
