package io.keelson.apiserver.admission;

/**
 * Is told of every step of an admission, for the metric {@code apiserver_admission_step_admission_duration_seconds}. Called by
 * many threads; must be quick.
 */
@FunctionalInterface
public interface AdmissionSteps {
    /** Takes no notice. */
    AdmissionSteps UNOBSERVED = (step, operation, nanos, rejected) -> {};

    /** What all plugins together do to a write. */
    enum Step {
        /** They change it, in as many rounds as it takes. */
        ADMIT("admit"),
        /** They judge it. */
        VALIDATE("validate");

        private final String label;

        Step(String label) {
            this.label = label;
        }

        /** The label {@code type}. */
        public String label() {
            return label;
        }
    }

    /**
     * A step was taken.
     *
     * @param nanos how long it took
     * @param rejected whether the write was refused
     */
    void taken(Step step, AdmissionRequest.Operation operation, long nanos, boolean rejected);
}
