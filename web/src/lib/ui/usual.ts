/** As long as descriptions of packages usually are: reserves the room for one that is on its way. */
export const usualDescription =
  'Audited and minimal implementation of something that many programs need, in one small module';
