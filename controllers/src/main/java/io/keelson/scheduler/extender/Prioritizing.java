package io.keelson.scheduler.extender;

/** Is told of each time that an extender is asked to compare nodes. Any thread. */
public interface Prioritizing {
    /** Nobody asks. */
    Prioritizing UNTOLD = new Prioritizing() {
        @Override
        public void begins() {}

        @Override
        public void ended() {}
    };

    /** One is asked. */
    void begins();

    /** It has answered, or does not. */
    void ended();
}
