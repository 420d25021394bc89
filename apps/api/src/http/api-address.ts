/** Where the API is mounted in a host application, such as /redress; empty where it is served by itself. */
export class ApiAddress {
  constructor(readonly prefix: string) {}
}
