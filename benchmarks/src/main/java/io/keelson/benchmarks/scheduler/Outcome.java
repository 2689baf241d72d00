package io.keelson.benchmarks.scheduler;

/** What came of one size of one case. */
sealed interface Outcome {
    /** It was measured. */
    record Done(Measured measured) implements Outcome {}

    /** It asks for what the API or the scheduler does not have. */
    record NotRun(String why) implements Outcome {}

    /** It has what it asks for, and did not come to its end. */
    record Failed(String why) implements Outcome {}
}
