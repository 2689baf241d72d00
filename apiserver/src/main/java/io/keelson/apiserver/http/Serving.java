package io.keelson.apiserver.http;

/** What all connections of a server share. */
record Serving(HttpLimits limits, RequestRunner runner, Connections connections) {
    /** Told to a connection of HTTP/2 whose client is to open another one for what it asks next. */
    static final Object LEAVE = new Object() {
        @Override
        public String toString() {
            return "LEAVE";
        }
    };

    /** Goes through a connection's pipeline when the server ends: answer what is under way, take no more. */
    static final Object DRAIN = new Object() {
        @Override
        public String toString() {
            return "DRAIN";
        }
    };

    /** How often a connection looks at its deadlines. */
    long tickMillis() {
        long shortest =
                Math.min(limits.headerTimeout().toMillis(), limits.idleTimeout().toMillis());
        return Math.clamp(shortest / 4, 10, 5_000);
    }
}
