package io.keelson.scheduler.decision;

/** Is told how decisions go. By the thread that decides. */
public interface DecisionWatch {
    /** Nobody asks. */
    DecisionWatch NOBODY = new DecisionWatch() {
        @Override
        public void took(Step step, Outcome outcome, long nanos) {}

        @Override
        public void asked(Step step, String plugin, int times) {}
    };

    /** What a decision goes through. */
    enum Step {
        /** What filters work out once for the pod. */
        PRE_FILTER("PreFilter"),
        /** Nodes are looked at. */
        FILTER("Filter"),
        /** What scores work out once for the pod. */
        PRE_SCORE("PreScore"),
        /** Nodes are compared. */
        SCORE("Score"),
        /** What they are worth is brought into one range; a part of comparing them. */
        NORMALIZE("ScoreExtensionNormalize");

        private final String label;

        Step(String label) {
            this.label = label;
        }

        /** As kube-scheduler calls it where it counts. */
        public String label() {
            return label;
        }
    }

    /** What came of a step. */
    enum Outcome {
        /** It was gone through, whatever it found. */
        DONE("Success"),
        /** A plugin has nothing to say of the pod. */
        SKIPPED("Skip"),
        /** No node can take the pod, as things are. */
        REJECTED("Unschedulable"),
        /** No node can take the pod, whoever makes room. */
        REJECTED_FOR_GOOD("UnschedulableAndUnresolvable");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        /** As kube-scheduler calls it where it counts. */
        public String label() {
            return label;
        }
    }

    /** A step of a decision took so long, with all plugins. */
    void took(Step step, Outcome outcome, long nanos);

    /** A plugin was asked in a step so often: once for the pod, or for each node that it was asked about. */
    void asked(Step step, String plugin, int times);

    /** Whether it wants to know of the decision that begins how long plugins take, which is not to be known for nothing. */
    default boolean looksClosely() {
        return false;
    }

    /** A plugin took so long, for the pod or for one node; told of decisions that are looked at closely. */
    default void executed(Step step, String plugin, Outcome outcome, long nanos) {}
}
