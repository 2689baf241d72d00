package io.keelson.apiserver.fairness;

/** Is told how long requests waited and were served, by level and schema. Called by many threads; must be quick. */
interface FlowTimes {
    /** Takes no notice. */
    FlowTimes UNOBSERVED = new FlowTimes() {
        @Override
        public void queued(String level, String schema, int length) {}

        @Override
        public void waited(String level, String schema, boolean served, long nanos) {}

        @Override
        public void served(String level, String schema, int seats, long nanos) {}
    };

    /** A request has got into a queue, which is so long now. */
    void queued(String level, String schema, int length);

    /** A request has left its queue: to be served, or for good. */
    void waited(String level, String schema, boolean served, long nanos);

    /** A request was answered. */
    void served(String level, String schema, int seats, long nanos);
}
