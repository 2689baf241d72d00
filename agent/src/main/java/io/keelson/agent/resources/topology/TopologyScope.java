package io.keelson.agent.resources.topology;

/** What is to lie close together ({@code topologyManagerScope}). */
public enum TopologyScope {
    /** What each container gets, by itself. */
    CONTAINER("container"),
    /** What all containers of a pod get. */
    POD("pod");

    private final String text;

    TopologyScope(String text) {
        this.text = text;
    }

    /**
     * The scope of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static TopologyScope of(String text) {
        for (TopologyScope scope : values()) {
            if (scope.text.equals(text)) {
                return scope;
            }
        }
        throw new IllegalArgumentException("unknown scope: \"" + text + '"');
    }

    /** As configuration calls it. */
    public String text() {
        return text;
    }
}
