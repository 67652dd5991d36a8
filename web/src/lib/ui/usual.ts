/** As long as descriptions of packages usually are: reserves the room for one that is on its way. */
export const usualDescription =
  'A small module for something that many programs need, in one file, without dependencies';
