// An id of a request, so that one that is sent twice is done once. `crypto.randomUUID` needs https; DSS may have none.

export function requestId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
