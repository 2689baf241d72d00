package io.keelson.apiserver.request;

/** Who has ended a request, or not let it begin, so that the server can go on: that is none of the request's own doing. */
public enum Termination {
    /** Time limits, and the limits to how many requests are served at a time. */
    APISERVER("apiserver"),
    /** What passes requests on, to a server that is known not to be there. */
    AGGREGATOR("aggregator");

    private final String component;

    Termination(String component) {
        this.component = component;
    }

    /** The label {@code component}. */
    public String component() {
        return component;
    }
}
