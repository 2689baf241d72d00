package io.keelson.scheduler.queue;

/** Is told each time that a plugin was asked whether an event may help a pod. By the thread that owns the queue. */
@FunctionalInterface
public interface HintWatch {
    /** Nobody asks. */
    HintWatch NOBODY = (plugin, event, answer, nanos) -> {};

    /** What a plugin says. */
    enum Answer {
        /** The pod is to be tried again. */
        QUEUE("Queue"),
        /** The pod goes on waiting. */
        SKIP("QueueSkip"),
        /** It failed, which is taken for the first. */
        ERROR("Error");

        private final String label;

        Answer(String label) {
            this.label = label;
        }

        /** As kube-scheduler calls it where it counts. */
        public String label() {
            return label;
        }
    }

    /** A plugin took so long to answer. */
    void asked(String plugin, ClusterEvent event, Answer answer, long nanos);
}
