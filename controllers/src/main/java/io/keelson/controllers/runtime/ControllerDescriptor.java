package io.keelson.controllers.runtime;

/**
 * A controller that a process can run.
 *
 * @param name as in {@code --controllers}: {@code replicaset-controller} for example
 * @param workers how many keys are worked on at a time, as {@code --concurrent-…-syncs} has it
 * @param factory makes it
 */
public record ControllerDescriptor(String name, int workers, Factory factory) {
    public ControllerDescriptor {
        if (workers < 1) {
            throw new IllegalArgumentException(name + " needs a worker, not " + workers);
        }
    }

    /** The same with another number of workers. */
    public ControllerDescriptor withWorkers(int newWorkers) {
        return new ControllerDescriptor(name, newWorkers, factory);
    }

    /** Makes a controller, once for each time that its process comes to lead. */
    @FunctionalInterface
    public interface Factory {
        /**
         * Makes a controller, which asks for what it wants to see.
         *
         * @param setup good only until this returns
         */
        Controller make(Context context, Setup setup);
    }
}
