package io.keelson.controllers.runtime;

/**
 * A controller that a process can run.
 *
 * @param name as in {@code --controllers}: {@code replicaset-controller} for example
 * @param queue what its queue is called in metrics
 * @param workers how many keys are worked on at a time, as {@code --concurrent-…-syncs} has it
 * @param factory makes it
 */
public record ControllerDescriptor(String name, String queue, int workers, Factory factory) {
    public ControllerDescriptor {
        if (workers < 1) {
            throw new IllegalArgumentException(name + " needs a worker, not " + workers);
        }
    }

    /** A controller whose queue is called as it is. */
    public ControllerDescriptor(String name, int workers, Factory factory) {
        this(name, name, workers, factory);
    }

    /** The same with another number of workers. */
    public ControllerDescriptor withWorkers(int newWorkers) {
        return new ControllerDescriptor(name, queue, newWorkers, factory);
    }

    /** The same with another name of its queue. */
    public ControllerDescriptor withQueue(String newQueue) {
        return new ControllerDescriptor(name, newQueue, workers, factory);
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
