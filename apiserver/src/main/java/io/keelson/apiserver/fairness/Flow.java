package io.keelson.apiserver.fairness;

/**
 * A request's flow.
 *
 * @param schema the flow schema that fits it
 * @param distinguisher the user, or the namespace; empty if the schema makes no difference
 */
record Flow(FlowSchema schema, String distinguisher) {
    /** What its queues are chosen by. */
    long hash() {
        return Hand.hash(schema.name(), distinguisher);
    }
}
