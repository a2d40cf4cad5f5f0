/** The code of an operating system's error, such as ENOSPC; undefined for other errors. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** ENOSPC, EDQUOT, EFBIG, and LMDB's own MDB_MAP_FULL. */
const noSpaceCodes: readonly unknown[] = [28, 122, 27, -30792];

/** Whether an error of LMDB's, which carries a number, says that there is no space. */
export function isNoSpaceCode(error: unknown): boolean {
  return error instanceof Error && 'code' in error && noSpaceCodes.includes(error.code);
}
