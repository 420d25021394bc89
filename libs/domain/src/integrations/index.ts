export { encryptedReplies } from '../desks/encrypted-replies';
export type { Ciphertext, SecretGenerator, SecretOwner, Vault } from '../ports/vault';
export { replacedSecret, validSecrets, type ReplacedSecret } from '../value/secret-rotation';
