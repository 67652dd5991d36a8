/** URL path under which browser tests fetch the vectors, or '' where the vectors folder is not there. */
declare const __VECTORS_URL__: string;
