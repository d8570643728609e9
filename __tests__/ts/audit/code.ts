/** The code of what `act` throws or rejects with; none if it doesn't. */
export async function codeOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}
