package io.keelson.kvstore.migrate;

/** Is told how far a long piece of work has come. Called by the thread that does the work; must be quick. */
public interface Progress {
    /** Takes no interest. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String what) {}

        @Override
        public void at(long done, long total) {}
    };

    /** A step begins, such as {@code checking pages}. */
    void begin(String what);

    /** So much of the step is done, in whatever unit; {@code total} may be an estimate. */
    void at(long done, long total);
}
