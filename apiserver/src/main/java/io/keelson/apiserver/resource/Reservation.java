package io.keelson.apiserver.resource;

/**
 * What was taken for a write that is under way. Closing it gives back what was taken, unless the write was carried out
 * ({@link #commit}) or may have been ({@link #keep}). One thread.
 */
public interface Reservation extends AutoCloseable {
    /** Nothing. */
    Reservation NONE = new Reservation() {
        @Override
        public void commit() {}

        @Override
        public void keep() {}

        @Override
        public void close() {}
    };

    /** Two that go together. */
    static Reservation both(Reservation one, Reservation other) {
        return new Reservation() {
            @Override
            public void commit() {
                one.commit();
                other.commit();
            }

            @Override
            public void keep() {
                one.keep();
                other.keep();
            }

            @Override
            public void close() {
                one.close();
                other.close();
            }
        };
    }

    /** The object was written: what it got stays its own, and what it gave up is free. */
    void commit();

    /** Nobody knows whether the object was written: nothing is given back, neither what it got nor what it gave up. */
    void keep();

    @Override
    void close();
}
