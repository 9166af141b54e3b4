/** From this crash on a job runs alone, in a worker that runs nothing else: whom it takes along is then itself. */
const SUSPECT_CRASHES = 2;

export const isSuspect = ({ crashes }: { readonly crashes: number }): boolean => crashes >= SUSPECT_CRASHES;
