/**
 * Makes calls of `work` wait for one another: they run in the order in which they were made, and one
 * that fails, fails for its caller alone.
 */
export function inTurn<Input>(work: (input: Input) => Promise<void>): (input: Input) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (input) => {
    const turn = last.then(() => work(input));
    last = turn.catch(() => {});
    return turn;
  };
}
