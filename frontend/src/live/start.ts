// The live page, on the API: its place is kept here.
export function startLive(): void {
  /* the page that people open without data shows nothing */
}
