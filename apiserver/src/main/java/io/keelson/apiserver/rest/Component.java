package io.keelson.apiserver.rest;

/**
 * A part of the control plane that {@code componentstatuses} tells about.
 *
 * @param name {@code etcd-0}, {@code scheduler}
 */
public record Component(String name, Probe probe) {
    /** Looks how a component is; returns within seconds. */
    @FunctionalInterface
    public interface Probe {
        Health look() throws InterruptedException;
    }

    /**
     * How it is.
     *
     * @param message what it says, or why it could not be reached; may be empty
     * @param error what went wrong with looking; may be empty
     */
    public record Health(boolean healthy, String message, String error) {
        public static final Health OK = new Health(true, "ok", "");
    }
}
