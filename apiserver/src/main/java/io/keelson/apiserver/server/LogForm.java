package io.keelson.apiserver.server;

/**
 * What the log looks like.
 *
 * @param json whether each line is an object in JSON, rather than text
 * @param split whether what is no error goes to standard output, and only errors to standard error
 */
record LogForm(boolean json, boolean split) {
    static final LogForm TEXT = new LogForm(false, false);
}
